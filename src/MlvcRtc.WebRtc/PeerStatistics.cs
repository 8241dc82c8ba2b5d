namespace MlvcRtc.WebRtc;

/// <summary>Names and meanings of W3C webrtc-stats (RTCTransportStats, RTCIceCandidatePairStats).</summary>
/// <param name="PacketsSent">Datagrams of media, RTP and RTCP.</param>
/// <param name="BytesSent">Payload of UDP, headers below excluded.</param>
/// <param name="PacketsReceived">Likewise, those that proved authentic.</param>
/// <param name="BytesReceived">Likewise.</param>
/// <param name="PacketsDiscarded">Datagrams that arrived and were refused, for whatever reason.</param>
/// <param name="CurrentRoundTripTime">Of the last consent check; null = none answered yet.</param>
/// <param name="LocalCandidateType">"host", "srflx", "prflx" or "relay"; null = no path selected.</param>
/// <param name="RemoteCandidateType">Likewise.</param>
/// <param name="SelectedCandidatePairChanges">Including the first selection.</param>
/// <param name="DtlsCipher">IANA name of the cipher suite; null until the handshake has ended, or not told.</param>
/// <param name="SrtpCipher">IANA name of the protection profile.</param>
public sealed record PeerStatistics(
    long PacketsSent,
    long BytesSent,
    long PacketsReceived,
    long BytesReceived,
    long PacketsDiscarded,
    TimeSpan? CurrentRoundTripTime,
    string? LocalCandidateType,
    string? RemoteCandidateType,
    int SelectedCandidatePairChanges,
    string? DtlsCipher,
    string? SrtpCipher)
{
    /// <summary><see cref="PacketsDiscarded"/> by reason; null = the implementation does not tell them apart.</summary>
    public DiscardedPackets? Discarded { get; init; }
}
