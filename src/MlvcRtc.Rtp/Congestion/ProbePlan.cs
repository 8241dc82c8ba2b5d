namespace MlvcRtc.Rtp.Congestion;

/// <summary>A short train of packets at a higher rate, to see whether the path carries it.</summary>
/// <param name="Cluster">Names the train in the feedback; above 0.</param>
/// <param name="Kbps">Rate of the train, IP and UDP headers included.</param>
public readonly record struct ProbePlan(int Cluster, double Kbps)
{
    /// <summary>Packets of a train at least (libwebrtc: kMinProbePacketsSent).</summary>
    public const int MinPackets = 5;

    /// <summary>Duration of a train at least (libwebrtc: kMinProbeDuration).</summary>
    public static readonly TimeSpan MinDuration = TimeSpan.FromMilliseconds(15);

    /// <summary>Bytes of the train at least.</summary>
    public int MinBytes => (int)(Kbps * MinDuration.TotalMilliseconds / 8);
}
