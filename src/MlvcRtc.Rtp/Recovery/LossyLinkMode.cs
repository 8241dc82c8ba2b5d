namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Whether the link is bad enough for acknowledged-reference mode. In ordinary operation a loss costs RTT · fps + 2 frames and a larger recovery frame, in
/// the mode one frame; the mode's price is distance: frames of mlvc-xs v0.200 predicted from the newest even frame at least 3 (6) frames back took 3, 34, 39 %
/// (24, 57, 65 %) more bits at equal PSNR on three clips of 640x360 at 30 frames/s, which is an RTT of about 60 (160) ms. It is entered when losses break the picture again and again, not when
/// retransmission repairs them, and when the receiver has fallen silent, so that the first frame through a link that returns can be decoded.
/// Time comes in; one thread at a time; allocates nothing.
/// </summary>
public sealed class LossyLinkMode
{
    /// <summary>Breaks within <see cref="Window"/> that enter the mode without any word on loss. At an RTT of 80 ms three breaks of about 150 ms are 9 % of the window without picture.</summary>
    private const int BreaksToEnter = 3;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Smoothed packet loss at which one break suffices, and below which the mode is left. At 30 frames/s of one or two packets and five seconds of smoothing the
    /// estimate of 2 % scatters by 0.7 points: entered soon after, and seldom left. Ours.
    /// </summary>
    private const double LossToEnter = 0.015;
    private const double LossToLeave = 0.005;

    /// <summary>The same where retransmission is quick enough to mend most losses unseen: at 10 % every tenth request and every tenth answer is lost too. Ours.</summary>
    private const double LossToEnterWithRepairs = 0.10;
    private const double LossToLeaveWithRepairs = 0.06;

    private static readonly TimeSpan Smoothing = TimeSpan.FromSeconds(5);

    /// <summary>What the first word on loss speaks of, about: 20 packets. Words before the smoothing has run its time count by the time that each speaks of.</summary>
    private static readonly TimeSpan FirstWord = TimeSpan.FromMilliseconds(500);

    /// <summary>A word on loss counts so long.</summary>
    private static readonly TimeSpan LossIsKnownFor = TimeSpan.FromSeconds(2);

    /// <summary>The mode holds so long at least: one window.</summary>
    private static readonly TimeSpan LeastStay = Window;

    /// <summary>Without any word on loss the mode is left on trial after 10 s, and after twice as long each time it had to be entered again at once.</summary>
    private static readonly TimeSpan FirstTrial = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LastTrial = TimeSpan.FromSeconds(80);

    /// <summary>Two keep-alives of the receiver (every 250 ms) missed: silence.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);

    private readonly TimeSpan[] _breaks = new TimeSpan[BreaksToEnter];  // ring of the last ones
    private long _breakCount;
    private double _loss;
    private TimeSpan? _lossAt;
    private TimeSpan _lossSince;  // FirstWord before the first word
    private TimeSpan? _progressAt;
    private TimeSpan? _enteredAt;
    private TimeSpan? _leftAt;
    private TimeSpan _trial = FirstTrial;

    /// <summary>Losses entered the mode.</summary>
    public bool IsOn => _enteredAt is not null;

    /// <summary>Smoothed share of packets lost, 0..1; 0 before the first word.</summary>
    public double Loss => _loss;

    /// <summary>A loss broke the prediction chain, or a repair was lost.</summary>
    /// <param name="repairsAreQuick">Retransmission mends a loss before it is seen; what breaks the chain then is what it could not mend.</param>
    /// <param name="now">Time.</param>
    public void ChainBroke(bool repairsAreQuick, TimeSpan now)
    {
        _breaks[_breakCount++ % BreaksToEnter] = now;
        bool again = _breakCount >= BreaksToEnter && now - _breaks[_breakCount % BreaksToEnter] <= Window;
        bool lossy = LossIsKnown(now) && _loss >= (repairsAreQuick ? LossToEnterWithRepairs : LossToEnter);
        if (again || lossy)
        {
            Enter(now);
        }
    }

    /// <summary>Share of packets lost since the last word.</summary>
    /// <param name="ratio">0..1; anything else is taken for the nearer end.</param>
    /// <param name="now">When it was said.</param>
    public void LossMeasured(double ratio, TimeSpan now)
    {
        double known = double.IsNaN(ratio) ? 0 : Math.Clamp(ratio, 0, 1);
        _lossSince = _lossAt is null ? now - FirstWord : _lossSince;
        TimeSpan passed = now - (_lossAt ?? _lossSince);
        double gain = passed <= TimeSpan.Zero ? 0 : Math.Max(1 - Math.Exp(-passed / Smoothing), passed / (now - _lossSince));
        _loss += gain * (known - _loss);
        _lossAt = now;
    }

    /// <summary>The receiver speaks of a frame newer than any before.</summary>
    public void Progress(TimeSpan now) => _progressAt = now;

    /// <summary>Nothing was heard of new frames for two keep-alives: the link may be down.</summary>
    public bool IsSilent(TimeSpan now, TimeSpan roundTripTime, TimeSpan frameInterval) =>
        _progressAt is { } progress && now - progress > roundTripTime + (Silence > 3 * frameInterval ? Silence : 3 * frameInterval);

    /// <summary>Leaves the mode when it is no longer needed. Called before each frame.</summary>
    /// <param name="repairsAreQuick">As for <see cref="ChainBroke"/>.</param>
    /// <param name="now">Time.</param>
    public void Update(bool repairsAreQuick, TimeSpan now)
    {
        if (_enteredAt is not { } entered || now - entered < LeastStay)
        {
            return;
        }

        bool over = LossIsKnown(now) ? _loss < (repairsAreQuick ? LossToLeaveWithRepairs : LossToLeave) : now - entered >= _trial;
        if (over)
        {
            _enteredAt = null;
            _leftAt = now;
        }
    }

    private void Enter(TimeSpan now)
    {
        if (_enteredAt is null)
        {
            bool atOnce = _leftAt is { } left && now - left < FirstTrial;
            _trial = !atOnce ? FirstTrial : 2 * _trial < LastTrial ? 2 * _trial : LastTrial;
            _enteredAt = now;
        }
        else if (!LossIsKnown(now))
        {
            _enteredAt = now;  // still needed
        }
    }

    private bool LossIsKnown(TimeSpan now) => _lossAt is { } at && now - at <= LossIsKnownFor;
}
