using System.Globalization;
using MlvcRtc.Server.Settings;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Tokens;

namespace MlvcRtc.Server;

/// <summary>mlvcrtc-server token --room R --sub S [--ttl SECONDS]: prints a token made with the server's own settings.</summary>
internal static class TokenCommand
{
    private const string Usage = "mlvcrtc-server token --room NAME|* --sub WHO [--ttl SECONDS, default 3600]; the secret comes from the server's settings.";

    /// <summary>A day: longer ones cannot be taken back.</summary>
    private const int MaxTtl = 86_400;

    public static int Run(string[] args, TimeProvider time, TextWriter output)
    {
        IConfigurationRoot configuration = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddEnvironmentVariables()
            .AddCommandLine(args, ServerSettings.Switches)
            .Build();
        string? room = configuration["room"];
        string? subject = configuration["sub"];
        if (string.IsNullOrEmpty(subject) || (room != TokenClaims.AnyRoom && !RoomName.IsValid(room)))
        {
            throw new SettingsException(Usage + Environment.NewLine + RoomName.Problem(room));
        }

        if (!int.TryParse(configuration["ttl"] ?? "3600", NumberStyles.None, CultureInfo.InvariantCulture, out int ttl) || ttl is < 1 or > MaxTtl)
        {
            throw new SettingsException($"--ttl must be between 1 and {MaxTtl} seconds.");
        }

        ServerSettings settings = ServerSettings.Read(configuration);
        if (settings.Signaling.JwtSecret is not { } secret)
        {
            throw new SettingsException("The server is open: it needs no tokens.");
        }

        output.WriteLine(TokenIssuer.Issue(room!, subject, TimeSpan.FromSeconds(ttl), secret, time, settings.Signaling.JwtIssuer, settings.Signaling.JwtAudience));
        return 0;
    }
}
