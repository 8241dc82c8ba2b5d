namespace MlvcRtc.Rtp.Congestion;

/// <summary>Bounds and start of an estimate, in kbit/s (1 kbit = 1000 bit) with all headers down to IP.</summary>
/// <param name="StartKbps">Before anything is known (libwebrtc: 300).</param>
/// <param name="MinKbps">
/// Never below: a video call of the smallest size is alive at this rate, and losses that are not congestion must not strangle it.
/// libwebrtc's least video rate is 30.
/// </param>
/// <param name="MaxKbps">Never above.</param>
public sealed record RateBounds(double StartKbps = 300, double MinKbps = 50, double MaxKbps = 6000);

/// <summary>
/// Letter b: how many bits per second the path carries, from what the receiver reports (Google congestion control,
/// draft-ietf-rmcat-gcc-02): the lower of a delay-based and a loss-based rate, helped by probes.
/// <code>
/// results ─► ArrivalGroups ─► DelayTrend ─► OveruseDetector ─► DelayRateControl ─┐
///         ├► StandingQueue, DeliveredRate ───────────────────────────▲           ├─► min ─► TargetKbps
///         ├► ProbeMeasurement ───────────────────────────────────────┘           │
///         └► LossRateControl ────────────────────────────────────────────────────┘
/// </code>
/// Pure: time comes in. Allocates nothing in steady state. One thread at a time.
/// </summary>
public sealed class BandwidthEstimator
{
    /// <summary>A sender below this share of its target is limited by its application (libwebrtc: AlrDetector, bandwidth_usage_ratio).</summary>
    private const double LimitedShare = 0.65;

    /// <summary>Taken for the round trip until it is measured (libwebrtc: kDefaultRtt, 200 ms).</summary>
    private static readonly TimeSpan AssumedRoundTrip = TimeSpan.FromMilliseconds(200);

    private readonly ArrivalGroups _groups = new();
    private readonly DelayTrend _trend = new();
    private readonly OveruseDetector _detector = new();
    private readonly StandingQueue _standing = new();
    private readonly DeliveredRate _delivered = new();
    private readonly RoundTripEstimate _roundTrip = new();
    private readonly ProbeMeasurement _probes = new();
    private readonly SendingRate _sending = new();
    private readonly DelayRateControl _delay;
    private readonly LossRateControl _loss;
    private readonly ProbePlanner _planner;
    private readonly RateBounds _bounds;

    public BandwidthEstimator(RateBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bounds.MinKbps, nameof(bounds));
        ArgumentOutOfRangeException.ThrowIfLessThan(bounds.StartKbps, bounds.MinKbps, nameof(bounds));
        ArgumentOutOfRangeException.ThrowIfLessThan(bounds.MaxKbps, bounds.StartKbps, nameof(bounds));
        _bounds = bounds;
        _delay = new DelayRateControl(bounds.StartKbps, bounds.MinKbps, bounds.MaxKbps);
        _loss = new LossRateControl(bounds.MinKbps, bounds.MaxKbps);
        _planner = new ProbePlanner(bounds.StartKbps, bounds.MaxKbps);
        TargetKbps = bounds.StartKbps;
    }

    /// <summary>kbit/s to send at, headers down to IP included.</summary>
    public double TargetKbps { get; private set; }

    /// <summary>Share of the packets lost lately, 0..1.</summary>
    public double? LossRatio => _loss.LossRatio;

    /// <summary>Least of the last 10 s; null until measured.</summary>
    public TimeSpan? RoundTripTime => _roundTrip.Value;

    /// <summary>kbit/s that arrived lately; null while unknown.</summary>
    public double? DeliveredKbps => _delivered.Kbps;

    /// <summary>What the delay says.</summary>
    public BottleneckUse Use { get; private set; }

    /// <summary>A probe should be sent.</summary>
    public bool ProbeWaits => _planner.Waits;

    /// <summary>The probe to send now; its packets are to be reported as sent with its cluster.</summary>
    public bool TryTakeProbe(out ProbePlan plan)
    {
        if (!_planner.TryTake(out plan))
        {
            return false;
        }

        _probes.Expect(plan);
        return true;
    }

    /// <summary>A packet left.</summary>
    public void PacketSent(int sizeBytes, TimeSpan now)
    {
        _sending.Add(sizeBytes, now);
        _planner.Start(now);
    }

    /// <summary>Feedback came.</summary>
    /// <param name="results">What it tells anew (<see cref="SentPackets.Resolve"/>).</param>
    /// <param name="newestSent">When the newest packet left that it reports (<see cref="SentPackets.NewestReportedSent"/>).</param>
    public void Update(ReadOnlySpan<PacketResult> results, TimeSpan? newestSent, TimeSpan now)
    {
        if (newestSent is { } sent)
        {
            _roundTrip.Add(now - sent, now);
        }

        double? probed = Take(results, now);
        bool limited = _sending.KbpsAt(now) < LimitedShare * TargetKbps;
        double before = TargetKbps;
        Use = _standing.Alarms(now) ? BottleneckUse.Overuse : _detector.Use;
        if (probed is { } found && Use != BottleneckUse.Overuse)
        {
            Jump(found, now);
        }
        else
        {
            _delay.Update(Use, _delivered.Kbps, _roundTrip.Value ?? AssumedRoundTrip, !limited, now);
        }

        _loss.Update(TargetKbps, _delivered.Kbps, now);
        TargetKbps = Math.Clamp(Math.Min(_delay.Kbps, _loss.Kbps), _bounds.MinKbps, _bounds.MaxKbps);
        if (TargetKbps < before)
        {
            _planner.Fell(before, TargetKbps, now);
        }

        _planner.Update(TargetKbps, Use == BottleneckUse.Normal, limited, now);
    }

    private double? Take(ReadOnlySpan<PacketResult> results, TimeSpan now)
    {
        double? probed = null;
        int packets = 0, lost = 0;
        foreach (ref readonly PacketResult result in results)
        {
            packets += result.ThoughtLost ? 0 : 1;
            lost += result.Arrival is null ? 1 : result.ThoughtLost ? -1 : 0;
            if (result.Arrival is not { } arrival)
            {
                continue;
            }

            _delivered.Add(arrival, result.SizeBytes);
            _standing.Add(arrival - result.Sent, arrival);
            if (_groups.TryAdd(result.Sent, arrival, out GroupDelta delta))
            {
                _trend.Add(delta);
                _detector.Update(_trend, delta.Sent, delta.At);
            }

            if (_probes.TryMeasure(result, out double kbps))
            {
                probed = kbps;
            }
        }

        _loss.Add(packets, lost);
        return probed;
    }

    // A probe can be slowed by a chance meeting; only what it found above the present rate counts.
    private void Jump(double probedKbps, TimeSpan now)
    {
        if (probedKbps > _delay.Kbps)
        {
            _delay.JumpTo(probedKbps, now);
            _loss.RaiseTo(Math.Min(probedKbps, _delay.Kbps));
        }

        _planner.Measured(probedKbps, now);
    }
}
