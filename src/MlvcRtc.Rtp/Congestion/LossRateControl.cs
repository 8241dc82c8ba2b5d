namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// The loss-based rate: falls when more than a tenth of the packets is lost, rises when nearly none is (draft-ietf-rmcat-gcc-02 §6).
/// It works for bottlenecks whose queue is too short to be seen in the delay. One thread at a time.
/// </summary>
public sealed class LossRateControl
{
    /// <summary>Below this share the rate rises, above the other it falls, between it stays (draft §6).</summary>
    private const double FewLost = 0.02, ManyLost = 0.10;

    /// <summary>Growth per step (draft §6: 1.05).</summary>
    private const double Growth = 1.05;

    /// <summary>Weight of the losses in a fall (draft §6: 1 - 0.5 p).</summary>
    private const double LossWeight = 0.5;

    /// <summary>
    /// Losses do not push the rate below this share of what is delivered meanwhile. Our addition: when the capacity falls, the losses of what was sent
    /// before are reported again and again while the delay has brought the rate down already; the draft's rule then ends at half of the
    /// new capacity. At 0.7 of it a full queue of 300 ms drains in 300 / 0.3 = 1 s.
    /// </summary>
    private const double LeastDeliveredShare = 0.7;

    /// <summary>Fewer packets say too little (libwebrtc: kLimitNumPackets).</summary>
    private const int LeastPackets = 20;

    /// <summary>Between two steps (our choice: the feedback of two to four intervals), so that a burst of feedback is one event.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly double _minKbps;
    private readonly double _maxKbps;
    private int _lost;
    private int _packets;
    private TimeSpan? _lastStep;

    public LossRateControl(double minKbps, double maxKbps)
    {
        _minKbps = minKbps;
        _maxKbps = maxKbps;
        Kbps = maxKbps;
    }

    /// <summary>kbit/s; no limit until packets are lost.</summary>
    public double Kbps { get; private set; }

    /// <summary>Share of the packets that were lost in the last step, 0..1; null until enough were reported.</summary>
    public double? LossRatio { get; private set; }

    /// <summary>So many packets were reported, so many of them lost.</summary>
    public void Add(int packets, int lost)
    {
        _packets = Math.Max(0, _packets + packets);
        _lost = Math.Max(0, _lost + lost);
    }

    /// <param name="currentKbps">What the sender uses now: losses say something of this rate.</param>
    /// <param name="deliveredKbps">What arrives; null = unknown.</param>
    public void Update(double currentKbps, double? deliveredKbps, TimeSpan now)
    {
        _lastStep ??= now;
        bool enough = _packets >= LeastPackets;
        if (now - _lastStep < Step || (!enough && _lost > 0))
        {
            return;
        }

        _lastStep = now;
        if (enough)
        {
            LossRatio = Math.Min(1, (double)_lost / _packets);
            _packets = 0;
            _lost = 0;
        }

        if (enough && LossRatio > ManyLost)
        {
            double current = Math.Min(Kbps, currentKbps);
            double floor = Math.Min(current, LeastDeliveredShare * (deliveredKbps ?? 0));
            Kbps = Math.Max(floor, current * (1 - (LossWeight * LossRatio.Value)));
        }
        else if (!(LossRatio >= FewLost))
        {
            Kbps = Math.Max(Kbps, currentKbps) * Growth;
        }

        Kbps = Math.Clamp(Kbps, _minKbps, _maxKbps);
    }

    /// <summary>A probe got through at this rate without such losses.</summary>
    public void RaiseTo(double kbps) => Kbps = Math.Min(_maxKbps, Math.Max(Kbps, kbps));
}
