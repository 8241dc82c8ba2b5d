using System.Text;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Tokens;
using MlvcRtc.Signaling.Turn;

namespace MlvcRtc.Signaling.Serving;

/// <summary>What whoever runs a server decides. Every value is checked at the start by <see cref="Problems"/>.</summary>
public sealed record SignalingServerOptions
{
    /// <summary>Anybody who can reach the server may join any room: for a LAN and for tests. Must be chosen; it excludes <see cref="JwtSecret"/>.</summary>
    public bool Open { get; init; }

    /// <summary>Secret that tokens are signed with (HS256); at least 32 bytes of UTF-8.</summary>
    public string? JwtSecret { get; init; }

    /// <summary>"iss" that tokens must carry; null = not checked.</summary>
    public string? JwtIssuer { get; init; }

    /// <summary>"aud" that tokens must carry; null = not checked.</summary>
    public string? JwtAudience { get; init; }

    /// <summary>"stun:HOST[:PORT]" told to clients.</summary>
    public IReadOnlyList<string> StunUrls { get; init; } = [];

    /// <summary>"turn:HOST[:PORT][?transport=udp|tcp]" or "turns:..." told to clients, with credentials made from <see cref="TurnSecret"/>.</summary>
    public IReadOnlyList<string> TurnUrls { get; init; } = [];

    /// <summary>The secret shared with the relay (coturn: static-auth-secret).</summary>
    public string? TurnSecret { get; init; }

    /// <summary>Validity of TURN credentials; 60 s to 24 h.</summary>
    public TimeSpan TurnLifetime { get; init; } = TurnCredentials.DefaultLifetime;

    public Allotment PerAddress { get; init; } = Allotment.OfAddress;

    public Allotment PerToken { get; init; } = Allotment.OfToken;

    /// <summary>Key of the hash that stands for addresses and rooms in logs; null = a random one, so that hashes of two runs cannot be compared.</summary>
    public string? LogKey { get; init; }

    /// <summary>What is wrong, one line each with its remedy; none = ready.</summary>
    public IEnumerable<string> Problems()
    {
        if (!Open && JwtSecret is null)
        {
            yield return "Neither JwtSecret nor Open is set. Set JwtSecret (at least 32 bytes) so that only holders of tokens may join, or Open to let everybody in.";
        }

        if (Open && JwtSecret is not null)
        {
            yield return "Both JwtSecret and Open are set: tokens would not be looked at. Remove one.";
        }

        if (JwtSecret is not null && Encoding.UTF8.GetByteCount(JwtSecret) < JsonWebSignature.MinKeyBytes)
        {
            yield return $"JwtSecret is shorter than {JsonWebSignature.MinKeyBytes} bytes (RFC 7518 §3.2). Make one with: openssl rand -base64 48";
        }

        if (TurnUrls.Count > 0 && string.IsNullOrEmpty(TurnSecret))
        {
            yield return "TurnUrls are set without TurnSecret. Set it to the relay's static-auth-secret.";
        }

        foreach (string url in StunUrls.Where(url => !url.StartsWith("stun:", StringComparison.Ordinal)))
        {
            yield return $"StunUrls: \"{url}\" does not begin with stun: (RFC 7064).";
        }

        foreach (string url in TurnUrls.Where(url => !url.StartsWith("turn:", StringComparison.Ordinal) && !url.StartsWith("turns:", StringComparison.Ordinal)))
        {
            yield return $"TurnUrls: \"{url}\" does not begin with turn: or turns: (RFC 7065).";
        }

        if (StunUrls.Count > Messages.IceServerInfo.MaxServers || TurnUrls.Count > Messages.IceServerInfo.MaxServers)
        {
            yield return $"StunUrls, TurnUrls: at most {Messages.IceServerInfo.MaxServers} each.";
        }

        if (TurnLifetime < TimeSpan.FromMinutes(1) || TurnLifetime > TimeSpan.FromDays(1))
        {
            yield return "TurnLifetime must be between 1 minute and 24 hours.";
        }

        foreach (string problem in PerAddress.Problems(nameof(PerAddress)).Concat(PerToken.Problems(nameof(PerToken))))
        {
            yield return problem;
        }
    }
}
