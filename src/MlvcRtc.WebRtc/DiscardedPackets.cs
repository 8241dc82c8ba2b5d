namespace MlvcRtc.WebRtc;

/// <summary>Datagrams that arrived and were refused, by reason. None of them was answered or believed; the call goes on.</summary>
public sealed record DiscardedPackets
{
    /// <summary>Media or DTLS from an address that never answered a check (RFC 8445 §7).</summary>
    public long Strangers { get; init; }

    /// <summary>STUN requests for another peer or generation, or not signed with our password (RFC 8445 §7.3, RFC 8489 §9.1.3): spoofed, or very late.</summary>
    public long StunRequests { get; init; }

    /// <summary>STUN answers to no question of ours, not signed, or from elsewhere. Some are harmless: second answers to a question that was repeated.</summary>
    public long StunResponses { get; init; }

    /// <summary>Neither STUN, DTLS, RTP nor RTCP (RFC 7983), or shorter than their own headers say.</summary>
    public long Malformed { get; init; }

    /// <summary>SRTP or SRTCP whose authentication tag is wrong: damaged, or made by somebody without the keys (RFC 3711 §3.3).</summary>
    public long Forged { get; init; }

    /// <summary>SRTP or SRTCP that was seen before, or is older than the replay window reaches (RFC 3711 §3.3.2).</summary>
    public long Replayed { get; init; }

    /// <summary>Authentic or not: at a time without keys, or of one source too many.</summary>
    public long Unexpected { get; init; }

    public long Total => Strangers + StunRequests + StunResponses + Malformed + Forged + Replayed + Unexpected;

    /// <summary>The sum, reason by reason.</summary>
    public DiscardedPackets Plus(DiscardedPackets other) => new()
    {
        Strangers = Strangers + other.Strangers,
        StunRequests = StunRequests + other.StunRequests,
        StunResponses = StunResponses + other.StunResponses,
        Malformed = Malformed + other.Malformed,
        Forged = Forged + other.Forged,
        Replayed = Replayed + other.Replayed,
        Unexpected = Unexpected + other.Unexpected,
    };
}
