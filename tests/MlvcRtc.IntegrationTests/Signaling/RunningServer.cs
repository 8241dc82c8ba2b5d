using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MlvcRtc.Server;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.IntegrationTests.Signaling;

/// <summary>mlvcrtc-server inside the test's process, on a loopback port of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(Log);
    }

    /// <summary>What the operator reads of refusals.</summary>
    public RefusalLog Log { get; } = new();

    public Uri Http => new(_app.Urls.First());

    public Uri WebSocket => new UriBuilder(Http) { Scheme = "ws" }.Uri;

    public SignalingServer Signaling => _app.Services.GetRequiredService<SignalingServer>();

    public static Task<RunningServer> OpenAsync(params string[] settings) => StartAsync(["--open", "true", .. settings]);

    public static async Task<RunningServer> StartAsync(params string[] settings)
    {
        string[] args = settings.Any(setting => setting.StartsWith("--urls", StringComparison.Ordinal)) ? settings : ["--urls=http://127.0.0.1:0", .. settings];
        WebApplication app = ServerProgram.Build(["--Logging:Console:LogLevel:Default=Error", .. args], TimeProvider.System);
        RunningServer server = new(app);
        await app.StartAsync();
        return server;
    }

    public SignalingClient Client(string room = "r", string? token = null, params Uri[] before) => new(
        new SignalingClientOptions { Servers = [.. before, WebSocket], Room = room, Token = token, JoinPatience = TimeSpan.FromSeconds(5) }, TimeProvider.System, new Random(1));

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>The next event of this kind; others before it are skipped unless they are of the kind that must not come.</summary>
    public static async Task<T> NextAsync<T>(SignalingClient client, Type? never = null)
        where T : SignalingEvent
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            SignalingEvent next = await client.Events.ReadAsync(patience.Token);
            if (next is T wanted)
            {
                return wanted;
            }

            Assert.False(never?.IsInstanceOfType(next) == true, next.ToString());
            Assert.False(next is SignalingEnded, next.ToString());
        }
    }
}
