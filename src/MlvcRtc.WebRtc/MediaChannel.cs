using MlvcRtc.Rtp;

namespace MlvcRtc.WebRtc;

/// <summary>
/// What was agreed for one m-line, and the way its packets go. RTCP arrives on every channel of the bundle; whoever knows the
/// SSRC listens.
/// </summary>
/// <param name="Kind">Video or audio.</param>
/// <param name="Format">Payload type, our own parameters, and the feedback that both sides named.</param>
/// <param name="RemoteParameters">The <c>a=fmtp</c> of the other side: what it can receive.</param>
/// <param name="HeaderExtensions">URI to identifier, those that both sides named.</param>
/// <param name="LocalSsrc">RTP that we send must carry it.</param>
/// <param name="RemoteSsrc">From <c>a=ssrc</c>; null = learnt from the first packet of the payload type.</param>
/// <param name="Link">
/// Whole RTP and RTCP packets of at most 1,200 bytes, protected on the way; they arrive byte for byte as they were sent. Nothing is sent or raised before the peer is connected.
/// Each sequence number of an SSRC is sent once, in ascending order (gaps are allowed): a retransmission is a new packet, since SRTP counts the wraps of the number (RFC 3711 §3.3.1). Others may be dropped.
/// </param>
public sealed record MediaChannel(
    MediaKind Kind,
    MediaFormat Format,
    string RemoteParameters,
    IReadOnlyDictionary<string, byte> HeaderExtensions,
    uint LocalSsrc,
    uint? RemoteSsrc,
    IPacketLink Link)
{
    /// <summary>CNAME of this side, as in its <c>a=ssrc</c> lines: the same on all channels (RFC 3550 §6.5.1). For RTCP of whoever uses the channel.</summary>
    public string CanonicalName { get; init; } = "";
}
