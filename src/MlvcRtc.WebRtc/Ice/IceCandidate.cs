using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>How a side came by an address (RFC 8445 §4).</summary>
internal enum CandidateType
{
    Host = 0,
    ServerReflexive = 1,
    PeerReflexive = 2,
    Relayed = 3,
}

/// <summary>An address where one side may be reached over UDP, component 1 (RFC 8445 §5.1).</summary>
/// <param name="Foundation">1..32 ice-chars, the same for candidates of one kind from one base and server (§5.1.1.3): what works for one may work for the other.</param>
/// <param name="Priority">1..2^31 - 1 (§5.1.2).</param>
/// <param name="Related">The address behind it, for diagnostics; null = none told.</param>
/// <param name="UsernameFragment">Which generation it is of; null = not told.</param>
internal sealed record IceCandidate(
    string Foundation,
    uint Priority,
    TransportAddress Address,
    CandidateType Type,
    TransportAddress? Related = null,
    string? UsernameFragment = null);

internal static class CandidateTypes
{
    /// <summary>The word in a candidate line and in statistics (RFC 8839 §5.1).</summary>
    public static string Word(this CandidateType type) => type switch
    {
        CandidateType.Host => "host",
        CandidateType.ServerReflexive => "srflx",
        CandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };
}
