namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// What a probe found: the lower of the rates at which its packets left and arrived (libwebrtc's ProbeBitrateEstimator). It waits
/// until most of the train was reported. Keeps the newest trains. One thread at a time.
/// </summary>
public sealed class ProbeMeasurement
{
    /// <summary>Share of the train that must have arrived (libwebrtc: kMinReceivedProbesRatio, kMinReceivedBytesRatio).</summary>
    private const double LeastArrived = 0.8;

    /// <summary>Below this share of the departure rate the train was slowed by the bottleneck (libwebrtc: kMinRatioForUnsaturatedLink).</summary>
    private const double Unsaturated = 0.9;

    /// <summary>A slowed train saturated the link: stay below what arrived (libwebrtc: kTargetUtilizationFraction).</summary>
    private const double Utilisation = 0.95;

    /// <summary>Faster than it left by more is no measurement (libwebrtc: kMaxValidRatio).</summary>
    private const double MaxRatio = 2;

    /// <summary>A train that took longer was not a train (libwebrtc: kMaxProbeInterval).</summary>
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(1);

    private readonly Train[] _trains = new Train[4];

    /// <summary>A train is about to leave.</summary>
    public void Expect(ProbePlan plan) => _trains[plan.Cluster % _trains.Length] = new Train { Plan = plan };

    /// <summary>A packet of a train arrived; true when the train tells its rate, in kbit/s.</summary>
    public bool TryMeasure(in PacketResult packet, out double kbps)
    {
        kbps = 0;
        ref Train train = ref _trains[packet.ProbeCluster % _trains.Length];
        if (packet.ProbeCluster == 0 || train.Plan.Cluster != packet.ProbeCluster || packet.Arrival is not { } arrival)
        {
            return false;
        }

        train.Add(packet.Sent, arrival, packet.SizeBytes);
        if (train.Packets < LeastArrived * ProbePlan.MinPackets || train.Bytes < LeastArrived * train.Plan.MinBytes)
        {
            return false;
        }

        TimeSpan sending = train.LastSent - train.FirstSent;
        TimeSpan receiving = train.LastArrival - train.FirstArrival;
        if (sending <= TimeSpan.Zero || receiving <= TimeSpan.Zero || sending > MaxDuration || receiving > MaxDuration)
        {
            return false;
        }

        // n packets have n - 1 gaps: the last one sent, and the first one received, lie outside of what was timed.
        double sentKbps = (train.Bytes - train.LastSentBytes) * 8 / sending.TotalMilliseconds;
        double receivedKbps = (train.Bytes - train.FirstArrivalBytes) * 8 / receiving.TotalMilliseconds;
        if (receivedKbps > MaxRatio * sentKbps)
        {
            return false;
        }

        kbps = receivedKbps < Unsaturated * sentKbps ? Utilisation * receivedKbps : Math.Min(sentKbps, receivedKbps);
        return true;
    }

    private struct Train
    {
        public ProbePlan Plan;
        public int Packets;
        public long Bytes;
        public TimeSpan FirstSent, LastSent, FirstArrival, LastArrival;
        public int LastSentBytes, FirstArrivalBytes;

        public void Add(TimeSpan sent, TimeSpan arrival, int bytes)
        {
            bool first = Packets == 0;
            if (first || sent < FirstSent)
            {
                FirstSent = sent;
            }

            if (first || sent >= LastSent)
            {
                LastSent = sent;
                LastSentBytes = bytes;
            }

            if (first || arrival < FirstArrival)
            {
                FirstArrival = arrival;
                FirstArrivalBytes = bytes;
            }

            if (first || arrival > LastArrival)
            {
                LastArrival = arrival;
            }

            Packets++;
            Bytes += bytes;
        }
    }
}
