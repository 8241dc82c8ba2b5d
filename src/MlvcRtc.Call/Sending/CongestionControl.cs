using MlvcRtc.Call.Adaptation;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;

namespace MlvcRtc.Call.Sending;

/// <summary>How a sender measures its path.</summary>
/// <param name="Bounds">Start, least and largest rate.</param>
/// <param name="FollowsEstimate">
/// False: packets are numbered, and loss and round trip are measured, but the rate stays as it was set and no probes are sent (policies are
/// compared at a fixed rate).
/// </param>
public sealed record CongestionOptions(RateBounds Bounds, bool FollowsEstimate = true);

/// <summary>
/// Letter b in a call: numbers what departs, reads transport feedback, and lets the target rate follow the estimate. Packets depart on the send
/// thread, feedback comes on the link's. Thread-safe.
/// </summary>
public sealed class CongestionControl
{
    private readonly Lock _guard = new();
    private readonly SentPackets _sent = new();
    private readonly BandwidthEstimator _estimator;
    private readonly EstimateFollower? _follower;

    /// <param name="rate">Follows the estimate, when the options say so.</param>
    public CongestionControl(CongestionOptions options, TargetRate rate)
    {
        ArgumentNullException.ThrowIfNull(options);
        _estimator = new BandwidthEstimator(options.Bounds);
        _follower = options.FollowsEstimate ? new EstimateFollower(rate) : null;
        _follower?.Follow(_estimator.TargetKbps);
    }

    /// <summary>The round-trip time was measured anew, on the link's thread.</summary>
    public event Action<TimeSpan>? RoundTripMeasured;

    /// <summary>kbit/s that the path carries by the estimate, headers down to IP included.</summary>
    public double EstimateKbps
    {
        get
        {
            lock (_guard)
            {
                return _estimator.TargetKbps;
            }
        }
    }

    /// <summary>Share of the packets lost lately, 0..1; null until measured.</summary>
    public double? LossRatio
    {
        get
        {
            lock (_guard)
            {
                return _estimator.LossRatio;
            }
        }
    }

    /// <summary>Null until measured.</summary>
    public TimeSpan? RoundTripTime
    {
        get
        {
            lock (_guard)
            {
                return _estimator.RoundTripTime;
            }
        }
    }

    /// <summary>A probe should be sent.</summary>
    public bool ProbeWaits
    {
        get
        {
            lock (_guard)
            {
                return _follower is not null && _estimator.ProbeWaits;
            }
        }
    }

    /// <summary>A packet departs now.</summary>
    /// <param name="packetBytes">RTP packet as it departs, with its header.</param>
    /// <param name="probeCluster">0 = of no probe.</param>
    /// <returns>Its transport-wide number.</returns>
    public ushort Depart(int packetBytes, TimeSpan now, int probeCluster)
    {
        int size = packetBytes + SentPackets.IpUdpBytes;
        lock (_guard)
        {
            _estimator.PacketSent(size, now);
            if (probeCluster == 0)
            {
                _follower?.PacketSent(size);
            }

            return _sent.Add(size, now, probeCluster);
        }
    }

    /// <summary>The probe to send now.</summary>
    public bool TryTakeProbe(out ProbePlan plan)
    {
        lock (_guard)
        {
            plan = default;
            return _follower is not null && _estimator.TryTakeProbe(out plan);
        }
    }

    /// <summary>Feedback came in.</summary>
    public void Receive(in TransportFeedback feedback, TimeSpan arrival)
    {
        TimeSpan? roundTrip;
        lock (_guard)
        {
            ReadOnlySpan<PacketResult> results = _sent.Resolve(feedback);
            _estimator.Update(results, _sent.NewestReportedSent, arrival);
            _follower?.Follow(_estimator.TargetKbps);
            roundTrip = _estimator.RoundTripTime;
        }

        if (roundTrip is { } measured)
        {
            RoundTripMeasured?.Invoke(measured);
        }
    }
}
