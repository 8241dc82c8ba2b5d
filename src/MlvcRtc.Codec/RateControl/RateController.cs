using MlvcRtc.Media;

namespace MlvcRtc.Codec.RateControl;

/// <summary>
/// Bits wanted to QP, frame by frame. A leaky bucket of one second is steered to a tenth full; a key frame may take ten ordinary frames' bits and a
/// recovery frame six, and the excess is paid back over half a second. Ordinary frames share the bits of a whole hierarchical period at one quality, so
/// that the pattern of better and worse frames which the model was trained for survives, but none is planned far above an ordinary frame's bits.
/// When even the worst quality fills the bucket, ordinary frames are skipped. Call <see cref="Plan"/>, encode, then <see cref="Commit"/>. One thread.
/// </summary>
public sealed class RateController
{
    /// <summary>Weights and time constants of the published controller (bitstream facts, section 6).</summary>
    private const double KeyWeight = 10;
    private const double RecoveryWeight = 6;
    private const double PlannedDecaySeconds = 0.5;
    private const double MaxPlanned = 0.5;
    private const double OvershootSeconds = 0.25;
    private const double UndershootSeconds = 1;
    private const double LeastAllocation = 0.33;
    private const double MostAllocation = 2;

    /// <summary>Most that a single ordinary frame is planned at, in nominal frames: a surprise of two thirds still stays below <see cref="MostTaken"/>.</summary>
    private const double MostSingle = 1.7;

    /// <summary>
    /// An ordinary frame of more nominal frames is coded again: its queue would be seen as a jerk. Below the three that callers may count on, since the transport's headers come on top. Where still cells are
    /// skipped a frame takes up to 4 when something moves after a pause or when quality rises, which no estimate foresees; libvpx codes such frames again, too (its recode loop).
    /// </summary>
    private const double MostTaken = 2.8;

    /// <summary>
    /// Where skipping begins, in capacities, while quality is at its worst: QP can do nothing more there, and waiting for
    /// <see cref="LeakyBucket.FullFill"/> would only add up to 0.9 s of queue. Ours; the reference has one threshold.
    /// </summary>
    private const double WorstQualityFill = 0.5;

    /// <summary>
    /// Most steps of q that an ordinary frame rises above the better of its two predecessors: each step of quality that the reference lacks is paid
    /// at once, far above what the slope of steady frames says (mlvc-xs, third frame after a key frame: a rise from q 10 to 19 cost four times what was expected). Ours; off in the reference.
    /// </summary>
    private const int MostRise = 3;

    /// <summary>Planned share of <see cref="PreferredMostBits"/>: sizes scatter by about an eighth around what is expected.</summary>
    private const double PreferredMargin = 0.9;

    /// <summary>
    /// Seconds over which spent and foreseen bits are compared. Sizes scatter the more the less is coded (skipped cells: a factor of two either way), and more than expected is believed sooner
    /// than less, so what is foreseen lies above the mean: without this and <see cref="FrameSizes"/>' doubt of frames whose quality rose the rate ended up to 29 % below its target (mlvc-xs v0.203, webcam clips).
    /// </summary>
    private const double ComparedSeconds = 2;

    /// <summary>Least share of the foreseen bits that the comparison may come to: a few nearly empty frames must not let quality jump. Ours.</summary>
    private const double LeastSpent = 0.4;

    private readonly QpPoint[] _points;
    private readonly FrameSizes _sizes;
    private readonly LeakyBucket _bucket;
    private readonly double[] _period;
    private double _framesPerSecond;
    private int _pixels;
    private double _planned;
    private TimeSpan? _last;
    private int _frame = -1;
    private (FrameType Type, double Extra, int QIndex, double Foreseen, int MostBits)? _pending;
    private int _previousQ;
    private int _beforePreviousQ;
    private double _spent;
    private double _foreseen;

    public RateController(RateControlOptions options, IQpScale scale)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(scale);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TargetKbps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.FramesPerSecond);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PixelsPerFrame);
        _points = [.. scale.Points];
        _framesPerSecond = options.FramesPerSecond;
        _bucket = new LeakyBucket(options.TargetKbps * 1000);
        _pixels = options.PixelsPerFrame;
        _sizes = new FrameSizes(scale, _pixels);
        _period = new double[scale.ShiftPeriod];
    }

    /// <summary>kbit/s.</summary>
    public double TargetKbps => _bucket.Capacity / 1000;

    /// <summary>Bits that a link of the target rate would still be sending; negative when some of its rate was left unused.</summary>
    public double BacklogBits => _bucket.Fill;

    /// <summary>Bits of an ordinary frame: rate / frame rate. Key frames weigh 10 of them, recovery frames 6.</summary>
    public double NominalBits => _bucket.Capacity / _framesPerSecond;

    /// <param name="kbps">kbit/s; positive. Takes effect with the next frame.</param>
    public void SetTarget(double kbps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(kbps);
        _bucket.SetRate(kbps * 1000);
    }

    /// <param name="framesPerSecond">Frames offered per second from now on; positive.</param>
    public void SetFrameRate(double framesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        _framesPerSecond = framesPerSecond;
    }

    /// <param name="pixels">Luma samples of the pictures from now on; positive. Moves what was learnt about sizes.</param>
    public void SetPixelsPerFrame(int pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixels);
        _sizes.Scale((double)pixels / _pixels);
        _pixels = pixels;
    }

    /// <summary>
    /// Bits that an ordinary frame should not exceed, where the mean frame fits in; null = none. On a lossy link it is what one packet holds: a frame of n packets
    /// is lost with probability 1 − (1 − p)^n. A wish, kept by planning a tenth below it.
    /// </summary>
    public int? PreferredMostBits { get; set; }

    /// <summary>Decides on one frame. A decision that is not committed is forgotten by the next call.</summary>
    /// <param name="type">What the frame will be; the first frame is a key frame whatever is said here. Only ordinary frames are ever skipped.</param>
    /// <param name="now">Time of the frame, on any clock that does not run backwards.</param>
    public RateDecision Plan(FrameType type, TimeSpan now)
    {
        Advance(now);
        type = _frame < 0 ? FrameType.Intra : type;
        return type == FrameType.Inter ? PlanOrdinary() : PlanHeavy(type);
    }

    /// <summary>Tells what the frame of the last <see cref="Plan"/> really took.</summary>
    /// <param name="bits">The whole access unit.</param>
    /// <param name="codedQp">The QP that it was coded with in the end, of one of the points; null = the planned one.</param>
    /// <exception cref="InvalidOperationException">No frame is planned, or it was to be skipped.</exception>
    public void Commit(int bits, int? codedQp = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        (FrameType type, double extra, int qIndex, double foreseen, int mostBits) = _pending ?? throw new InvalidOperationException("Plan a frame, and do not skip it, before committing its bits.");
        _pending = null;
        int plannedQ = qIndex;
        qIndex = codedQp is { } qp ? QIndexOf(qp) ?? qIndex : qIndex;
        _frame = type == FrameType.Intra ? 0 : (_frame + 1);
        _planned = Math.Min(_planned + extra, MaxPlanned * _bucket.Capacity);
        if (type == FrameType.Inter)
        {
            double kept = 1 - Math.Min(1, 1 / (ComparedSeconds * _framesPerSecond));
            _spent = (kept * _spent) + bits;
            _foreseen = (kept * _foreseen) + foreseen; // of what was planned: a frame that was coded again leaves bits unspent, too
        }

        int reference = Math.Max(_previousQ, _beforePreviousQ);
        if (type == FrameType.Inter && qIndex < plannedQ)
        {
            _sizes.Learn(type, _frame, plannedQ, mostBits, plannedQ > reference); // what was planned took that much at least, or it would not have been coded again
        }

        _sizes.Learn(type, _frame, qIndex, bits, qIndex > reference);
        _beforePreviousQ = type == FrameType.Inter ? _previousQ : qIndex;
        _previousQ = qIndex;
        _bucket.Add(bits);
    }

    private int? QIndexOf(int qp)
    {
        foreach (QpPoint point in _points)
        {
            if (point.Qp == qp)
            {
                return point.QIndex;
            }
        }

        return null;
    }

    private void Advance(TimeSpan now)
    {
        // The first frame drains one interval, like every other at a steady rate; a pause of more than a second changes nothing more.
        TimeSpan passed = _last is { } last ? now - last : TimeSpan.FromSeconds(1 / _framesPerSecond);
        passed = passed < TimeSpan.Zero ? TimeSpan.Zero : passed > TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : passed;
        _last = now;
        _bucket.Drain(passed);
        _planned *= Math.Exp(-passed.TotalSeconds / PlannedDecaySeconds);
        _pending = null;
    }

    /// <summary>
    /// Key and recovery frames: the best quality whose expected bits fit the weighted share. A recovery frame is no better than its predecessors: it stands in for an ordinary
    /// frame, and bits spent on it are missed by those that follow (mlvc-xs v0.200, at their quality 1.1 to 3 times an ordinary frame, after 5 to 8 frames).
    /// </summary>
    private RateDecision PlanHeavy(FrameType type)
    {
        double nominal = (type == FrameType.Intra ? KeyWeight : RecoveryWeight) * NominalBits;
        double room = (LeakyBucket.FullFill * _bucket.Capacity) - _bucket.Fill;
        double allocation = Math.Clamp(room, LeastAllocation * nominal, nominal);
        int highest = type == FrameType.Intra ? int.MaxValue : Math.Max(_previousQ, _beforePreviousQ);
        QpPoint point = BestWithin(type, type == FrameType.Intra ? 0 : _frame + 1, allocation, highest);
        _pending = (type, Math.Max(0, allocation - NominalBits), point.QIndex, allocation, int.MaxValue);
        return new RateDecision(false, point.Qp, point.QIndex, (int)allocation);
    }

    private RateDecision PlanOrdinary()
    {
        int frame = _frame + 1;
        double most = MostOrdinary();
        double spent = SpentShare();
        QpPoint common = CommonQuality(frame, most, spent, out double share);
        QpPoint limit = BestWithin(FrameType.Inter, frame, most, int.MaxValue);
        QpPoint point = limit.QIndex < common.QIndex ? limit : common;
        double expected = _sizes.Expect(FrameType.Inter, frame, point.QIndex);
        bool worst = point.QIndex == _points[0].QIndex;
        double full = LeakyBucket.FullFill * _bucket.Capacity;
        double threshold = worst ? Math.Min(full, (WorstQualityFill * _bucket.Capacity) + _planned) : full;
        if (_bucket.Fill + expected > threshold && _bucket.Fill > LeakyBucket.TargetFill * _bucket.Capacity)
        {
            return RateDecision.Skipped;
        }

        double planned = Math.Min(expected, most);
        int mostBits = (int)(MostTaken * NominalBits);
        _pending = (FrameType.Inter, Math.Max(0, (spent * planned) - share), point.QIndex, planned, mostBits);
        return new RateDecision(false, point.Qp, point.QIndex, (int)planned, mostBits);
    }

    /// <summary>The quality at which a whole period of frames, none above <paramref name="most"/>, comes nearest to the bits the bucket allows.</summary>
    private QpPoint CommonQuality(int frame, double most, double spent, out double share)
    {
        QpPoint best = _points[0];
        double bestDistance = double.PositiveInfinity;
        share = 0;
        int highest = Math.Max(_previousQ, _beforePreviousQ) + MostRise;
        foreach (QpPoint point in _points)
        {
            if (point.QIndex > highest)
            {
                break;
            }

            double mean = MeanOfPeriod(frame, point.QIndex, most, spent);
            double allowed = Allowed(mean);
            double distance = Math.Abs(Math.Log(mean / allowed));
            if (distance < bestDistance)
            {
                (best, bestDistance, share) = (point, distance, _period[0]);
            }
        }

        return best;
    }

    /// <summary>Spent per foreseen bit of the last seconds' ordinary frames, 1 at most: what exceeds the foreseen is learnt at once.</summary>
    private double SpentShare() => _foreseen > 0 ? Math.Clamp(_spent / _foreseen, LeastSpent, 1) : 1;

    /// <summary>Bits per frame that bring the bucket to its target, given the excess that is planned and the phase within the period.</summary>
    private double Allowed(double mean)
    {
        // Through the period the fill swings: after this frame and each later one by the sum of what they exceed the mean. The swing has no mean
        // of its own, so the swing after this frame is minus the average over the period of the sums that start behind it.
        double sum = 0;
        double average = 0;
        for (int i = 1; i < _period.Length; i++)
        {
            sum += _period[i] - mean;
            average += sum;
        }

        double swing = -average / _period.Length;
        double fillAfter = _bucket.Fill + _period[0];
        double error = (LeakyBucket.TargetFill * _bucket.Capacity) + _planned + swing - fillAfter;
        double seconds = error < 0 ? OvershootSeconds : UndershootSeconds;
        return Math.Clamp(NominalBits + (error / (seconds * _framesPerSecond)), LeastAllocation * NominalBits, MostAllocation * NominalBits);
    }

    private double MeanOfPeriod(int frame, int qIndex, double most, double spent)
    {
        double sum = 0;
        for (int i = 0; i < _period.Length; i++)
        {
            _period[i] = spent * Math.Min(_sizes.Steady(frame + i, qIndex), most);
            sum += _period[i];
        }

        return sum / _period.Length;
    }

    private double MostOrdinary()
    {
        double most = MostSingle * NominalBits;
        double preferred = PreferredMargin * PreferredMostBits ?? most;
        return NominalBits <= preferred ? Math.Min(most, preferred) : most;
    }

    private QpPoint BestWithin(FrameType type, int frame, double bits, int highest)
    {
        QpPoint best = _points[0];
        foreach (QpPoint point in _points)
        {
            if (point.QIndex <= highest && _sizes.Expect(type, frame, point.QIndex) <= bits)
            {
                best = point;
            }
        }

        return best;
    }
}
