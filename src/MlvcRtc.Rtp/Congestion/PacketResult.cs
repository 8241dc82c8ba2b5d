namespace MlvcRtc.Rtp.Congestion;

/// <summary>What became of one packet, as the receiver's feedback tells.</summary>
/// <param name="Number">Transport-wide, unwrapped.</param>
/// <param name="Sent">On the sender's clock.</param>
/// <param name="Arrival">On the receiver's clock, whose origin is unknown: only differences mean something; null = lost.</param>
/// <param name="SizeBytes">As a bottleneck counts it, IP and UDP headers included.</param>
/// <param name="ProbeCluster">Of which probe it was part; 0 = of none.</param>
/// <param name="ThoughtLost">It arrived after an earlier message had called it lost.</param>
public readonly record struct PacketResult(
    long Number, TimeSpan Sent, TimeSpan? Arrival, int SizeBytes, int ProbeCluster, bool ThoughtLost);
