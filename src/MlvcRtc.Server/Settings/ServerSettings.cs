using System.Net;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Serving;
using MlvcRtc.Signaling.Turn;

namespace MlvcRtc.Server.Settings;

/// <summary>
/// The settings of a node: section "Signaling" of appsettings.json, environment variables (Signaling__JwtSecretFile=...) or the command line (--Signaling:Open=true, and the short
/// forms in <see cref="Switches"/>). docs/signaling.md has the table.
/// </summary>
internal sealed record ServerSettings
{
    public required SignalingServerOptions Signaling { get; init; }

    /// <summary>Address of Redis (it may hold a password, hence RedisFile); null = one node, rooms in memory.</summary>
    public string? Redis { get; init; }

    /// <summary>Sockets of this node; 1 to 100,000. Default 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>How long participants have to go when the node shuts down; 0 to 300 s. Default 5 s.</summary>
    public TimeSpan DrainDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Networks whose X-Forwarded-For is believed, as CIDR; empty = nobody's.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    public static IDictionary<string, string> Switches { get; } = new Dictionary<string, string>
    {
        ["--open"] = "Signaling:Open",
        ["--jwt-secret-file"] = "Signaling:JwtSecretFile",
        ["--turn-secret-file"] = "Signaling:TurnSecretFile",
        ["--turn-urls"] = "Signaling:TurnUrls",
        ["--stun-urls"] = "Signaling:StunUrls",
        ["--redis"] = "Signaling:Redis",
    };

    /// <exception cref="SettingsException">One line for each thing that is wrong.</exception>
    public static ServerSettings Read(IConfiguration configuration)
    {
        SettingsReader reader = new(configuration.GetSection("Signaling"));
        ServerSettings settings = new()
        {
            Signaling = new SignalingServerOptions
            {
                Open = reader.Flag("Open"),
                JwtSecret = reader.Secret("JwtSecret"),
                JwtIssuer = reader.Text("JwtIssuer"),
                JwtAudience = reader.Text("JwtAudience"),
                StunUrls = reader.List("StunUrls"),
                TurnUrls = reader.List("TurnUrls"),
                TurnSecret = reader.Secret("TurnSecret"),
                TurnLifetime = reader.Seconds("TurnLifetimeSeconds", TurnCredentials.DefaultLifetime),
                LogKey = reader.Secret("LogKey"),
                PerAddress = ReadAllotment(reader.Section("PerAddress"), Allotment.OfAddress),
                PerToken = ReadAllotment(reader.Section("PerToken"), Allotment.OfToken),
            },
            Redis = reader.Secret("Redis"),
            MaxConnections = (int)reader.Number("MaxConnections", 10_000, 1, 100_000),
            DrainDeadline = TimeSpan.FromSeconds(reader.Number("DrainSeconds", 5, 0, 300)),
            TrustedProxies = reader.Networks("TrustedProxies"),
        };
        string[] problems = [.. reader.Problems(), .. settings.Signaling.Problems()];
        return problems.Length == 0 ? settings : throw new SettingsException(string.Join(Environment.NewLine, problems));
    }

    private static Allotment ReadAllotment(SettingsReader reader, Allotment otherwise) => otherwise with
    {
        Connections = (int)reader.Number("Connections", otherwise.Connections, 1, int.MaxValue),
        Rooms = (int)reader.Number("Rooms", otherwise.Rooms, 1, int.MaxValue),
        JoinsPerSecond = reader.Number("JoinsPerSecond", otherwise.JoinsPerSecond, 0.01, 1e6),
        MessagesPerSecond = reader.Number("MessagesPerSecond", otherwise.MessagesPerSecond, 0.01, 1e6),
        BytesPerSecond = reader.Number("BytesPerSecond", otherwise.BytesPerSecond, MessageReader.MaxBytes, 1e9),
    };
}
