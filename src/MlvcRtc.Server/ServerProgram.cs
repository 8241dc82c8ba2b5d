using System.Diagnostics;
using MlvcRtc.Server.Endpoints;
using MlvcRtc.Server.Metrics;
using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.Server;

/// <summary>The executable mlvcrtc-server: "token" prints a token, "health" asks a node how it is, anything else serves.</summary>
internal static class ServerProgram
{
    /// <summary>Exit codes: 0 = ended as asked, 1 = the settings are wrong.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args.Length > 0 && args[0] == "token")
            {
                return TokenCommand.Run(args[1..], TimeProvider.System, Console.Out);
            }

            if (args is ["health", string address])
            {
                return await HealthCommand.RunAsync(address, Console.Error).ConfigureAwait(false);
            }

            await using WebApplication app = Build(args, TimeProvider.System);
            await app.RunAsync().ConfigureAwait(false);
            return 0;
        }
        catch (SettingsException exception)
        {
            await Console.Error.WriteLineAsync("mlvcrtc-server: the settings are wrong." + Environment.NewLine + exception.Message).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>The server, ready to be started.</summary>
    /// <exception cref="SettingsException">One line for each thing that is wrong.</exception>
    public static WebApplication Build(string[] args, TimeProvider time)
    {
        // The configuration lies beside the executable, wherever it is started from.
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddCommandLine(args, ServerSettings.Switches);
        ServerSettings settings = ServerSettings.Read(builder.Configuration);

        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(settings);
        builder.Services.AddSingleton(settings.Signaling);
        builder.Services.AddSingleton<SignalingMetrics>();
        builder.Services.AddSingleton<PrometheusText>();
        builder.Services.AddSingleton(services => RoomStores.Create(settings, services));
        builder.Services.AddSingleton(services => new SignalingServer(
            settings.Signaling,
            services.GetRequiredService<IRoomStore>(),
            time,
            services.GetRequiredService<ILoggerFactory>().CreateLogger<SignalingServer>(),
            services.GetRequiredService<SignalingMetrics>()));
        builder.Services.AddHostedService<Drain>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = settings.DrainDeadline + TimeSpan.FromSeconds(5));
        Hardening.Apply(builder, settings);
        Telemetry.Add(builder);

        WebApplication app = builder.Build();
        Hardening.Use(app, settings);
        app.Services.GetRequiredService<PrometheusText>();  // listens from the start
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(new BadRequests(app.Services.GetRequiredService<SignalingServer>), static name => name == BadRequests.EventName);
        app.MapSignaling();
        app.MapHealth();
        return app;
    }
}
