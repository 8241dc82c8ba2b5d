namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// The delay-based rate: falls to a share of what is delivered when the bottleneck's queue grows, waits while it shrinks, rises
/// otherwise (additive increase, multiplicative decrease; draft-ietf-rmcat-gcc-02 §5.5). One thread at a time.
/// </summary>
public sealed class DelayRateControl
{
    /// <summary>Factor on overuse (draft §5.5, beta: 0.8..0.95; 0.85 recommended).</summary>
    public const double Beta = 0.85;

    /// <summary>Growth per second far from the capacity (draft §5.5: eta = 1.08^min(dt, 1.0)).</summary>
    private const double GrowthPerSecond = 1.08;

    /// <summary>The rate may stand so far above what is delivered: 1.5 times (draft §5.5) + 10 kbit/s (libwebrtc).</summary>
    private const double MaxLead = 1.5, MaxLeadKbps = 10;

    /// <summary>Least additive growth in kbit/s per second (libwebrtc: 4 kbit/s).</summary>
    private const double LeastGrowthKbps = 4;

    /// <summary>
    /// Near the capacity one packet is added per response time: a frame at 30 frames/s (draft §5.5), but at most 1,000 bytes. The draft takes the mean
    /// size of the frame's packets, which grows with the rate between two counts of packets; two calls then keep their shares instead of meeting
    /// (measured on 1 Mbit/s: 55 to 61 % for the first one after a minute).
    /// </summary>
    private const double FramesPerSecond = 30, PacketBytes = 1000;

    /// <summary>The response time is the round trip + 100 ms (draft §5.5).</summary>
    private static readonly TimeSpan DetectionTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Between two decreases: one round trip within these bounds (libwebrtc: TimeToReduceFurther).</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(10), LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>So long after a probe, and a round trip, the delivered rate (<see cref="DeliveredRate"/>: 0.5 s) still speaks of the time before.</summary>
    private static readonly TimeSpan ProbeMemory = TimeSpan.FromMilliseconds(500);

    private readonly LinkCapacity _capacity = new();
    private readonly double _minKbps;
    private readonly double _maxKbps;
    private bool _holds;
    private TimeSpan? _lastDecrease;
    private TimeSpan? _lastUpdate;
    private TimeSpan? _lastJump;
    private double _jumpKbps;

    public DelayRateControl(double startKbps, double minKbps, double maxKbps)
    {
        Kbps = startKbps;
        _minKbps = minKbps;
        _maxKbps = maxKbps;
    }

    public double Kbps { get; private set; }

    /// <summary>A probe found room: take its word.</summary>
    public void JumpTo(double kbps, TimeSpan now)
    {
        Kbps = Math.Clamp(kbps, _minKbps, _maxKbps);
        _lastUpdate = now;
        _lastJump = now;
        _jumpKbps = Kbps;
        if (kbps > _capacity.UpperKbps)
        {
            _capacity.Forget();
        }
    }

    /// <param name="deliveredKbps">Null = too little arrived to say.</param>
    /// <param name="mayRise">False while the application sends far less than it may: what was not tried is not known.</param>
    /// <returns>True when the rate fell.</returns>
    public bool Update(BottleneckUse use, double? deliveredKbps, TimeSpan roundTrip, bool mayRise, TimeSpan now)
    {
        double elapsed = Math.Clamp((now - (_lastUpdate ?? now)).TotalSeconds, 0, 1);
        _lastUpdate = now;
        if (use == BottleneckUse.Overuse)
        {
            return TryDecrease(deliveredKbps, roundTrip, now);
        }

        // Underuse: the queue we made is draining; let it. The first calm update ends the pause, the next ones rise.
        bool wasHeld = _holds;
        _holds = use == BottleneckUse.Underuse;
        if (!_holds && !wasHeld && mayRise)
        {
            Increase(deliveredKbps, roundTrip, elapsed);
        }

        return false;
    }

    private bool TryDecrease(double? deliveredKbps, TimeSpan roundTrip, TimeSpan now)
    {
        _holds = true;
        TimeSpan pause = TimeSpan.FromTicks(Math.Clamp(roundTrip.Ticks, LeastPause.Ticks, LongestPause.Ticks));
        if (now - _lastDecrease < pause && !(deliveredKbps < Kbps / 2))
        {
            return false;
        }

        double delivered = deliveredKbps ?? Kbps / 2;  // no word at all: as after a loss of half
        if (now - _lastJump < ProbeMemory + roundTrip)
        {
            delivered = Math.Max(delivered, Beta * _jumpKbps);
        }

        double lowered = Beta * delivered;
        if (lowered > Kbps && _capacity.Kbps is { } capacity)
        {
            lowered = Beta * capacity;
        }

        lowered = Math.Clamp(lowered, _minKbps, Math.Max(_minKbps, Kbps));
        if (delivered < _capacity.LowerKbps)
        {
            _capacity.Forget();
        }

        _capacity.Add(delivered);
        bool fell = lowered < Kbps;
        Kbps = lowered;
        _lastDecrease = now;
        return fell;
    }

    private void Increase(double? deliveredKbps, TimeSpan roundTrip, double elapsedSeconds)
    {
        if (deliveredKbps > _capacity.UpperKbps)
        {
            _capacity.Forget();
        }

        double raised = _capacity.Kbps is null
            ? Math.Max(Kbps + (LeastGrowthKbps * elapsedSeconds), Kbps * Math.Pow(GrowthPerSecond, elapsedSeconds))
            : Kbps + (AdditiveGrowthKbps(roundTrip) * elapsedSeconds);
        double limit = deliveredKbps is { } delivered ? Math.Min(_maxKbps, (MaxLead * delivered) + MaxLeadKbps) : _maxKbps;
        Kbps = Math.Max(Kbps, Math.Min(raised, limit));
    }

    // One packet of the usual size per response time.
    private double AdditiveGrowthKbps(TimeSpan roundTrip)
    {
        double packetBytes = Math.Min(PacketBytes, Kbps * 1000 / 8 / FramesPerSecond);
        return Math.Max(LeastGrowthKbps, packetBytes * 8 / (roundTrip + DetectionTime).TotalMilliseconds);
    }
}
