namespace MlvcRtc.Rtp.Payload;

/// <summary>The numbers of the MLVC payload format, version 0 (docs/payload-format.md).</summary>
public static class PayloadFormat
{
    /// <summary>Dynamic payload type that we offer (SDP <c>a=rtpmap:109 MLVC/90000</c>).</summary>
    public const byte DefaultPayloadType = 109;

    /// <summary>
    /// RTP payload bytes of one packet at most, descriptor included: IPv6 minimum MTU 1,280 - 40 IP - 8 UDP - 4 TURN
    /// - 12 RTP - 16 header extension - 32 double-GCM tag, then 18 to spare.
    /// </summary>
    public const int MaxPayloadBytes = 1150;

    /// <summary>FRAG_LAST has 8 bits.</summary>
    public const int MaxFragments = 256;

    /// <summary>Bytes of one frame that a receiver must accept: 256 · 1,150 (SDP <c>max-frame</c>).</summary>
    public const int MaxFrameBytes = MaxFragments * MaxPayloadBytes;
}
