using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Scheduling;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Call.Scheduling;

/// <summary>
/// The encode thread of a call in virtual time, 640x360 at 30 frames/s with bits in abundance: two pictures may wait, and coding takes a time that is proportional to the samples and to how much of the machine others leave.
/// </summary>
internal sealed class OverloadedSender
{
    private const int Waiting = 2;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1 / 30.0);

    private readonly ShapeStage _shaping;
    private readonly EncodeAdmission _admission = new();
    private readonly Queue<TimeSpan> _captured = new();
    private readonly VideoFrame _picture = new(640, 360);
    private TimeSpan _now;
    private TimeSpan _nextCapture;

    public OverloadedSender() => _shaping = new(new AdaptationOptions(), new TestBudget(Interval, 640, 360), new TargetRate(2000), Interval);

    public MachineLimit Machine { get; } = new();

    /// <summary>Milliseconds for a picture of 640x360 on an idle machine.</summary>
    public double EncodeMs { get; init; } = 18;

    /// <summary>When each coded frame was ready.</summary>
    public List<TimeSpan> Coded { get; } = [];

    /// <summary>What was coded, without repetitions.</summary>
    public List<(int Width, int Height, bool HalfRate)> Shapes { get; } = [];

    public int SkippedForTime { get; private set; }

    public VideoShape Shape => _shaping.Shape;

    /// <summary>Lets the call go on.</summary>
    /// <param name="slowdown">How many times longer coding takes; 1 = the machine is idle.</param>
    public void Run(double seconds, double slowdown)
    {
        TimeSpan end = _now + TimeSpan.FromSeconds(seconds);
        while (_now < end)
        {
            Capture();
            if (_captured.Count == 0)
            {
                _now = _nextCapture;
                continue;
            }

            Encode(_captured.Dequeue(), slowdown);
        }
    }

    /// <summary>The longest time without a coded frame, within a part of the call.</summary>
    public TimeSpan LongestGap(double fromSecond, double toSecond)
    {
        TimeSpan[] within = [.. Coded.Where(at => at >= TimeSpan.FromSeconds(fromSecond) && at <= TimeSpan.FromSeconds(toSecond))];
        return within.Zip(within.Skip(1), (one, next) => next - one).Max();
    }

    private void Capture()
    {
        while (_nextCapture <= _now)
        {
            if (_captured.Count == Waiting)
            {
                _captured.Dequeue();
            }

            _captured.Enqueue(_nextCapture);
            _nextCapture += Interval;
        }
    }

    private void Encode(TimeSpan captured, double slowdown)
    {
        TimeSpan begun = _now;
        _shaping.SamplesPerSecond = Machine.SamplesPerSecond(begun);
        if (!_admission.Admits(EncodeAdmission.DeadlineOf(captured, _shaping.FrameInterval), _captured.Count > 0, begun))
        {
            SkippedForTime++;
            _shaping.Skipped();
            return;
        }

        if (_shaping.Decide(_picture, resentShare: 0, queueTime: TimeSpan.Zero, begun) != EncodeOutcome.Coded)
        {
            return;
        }

        VideoShape shape = _shaping.Shape;
        TimeSpan taken = TimeSpan.FromMilliseconds(EncodeMs * slowdown * shape.Samples / (640.0 * 360));
        _now += taken;
        _shaping.Coded(_shaping.MayBeDiscardable);
        _admission.Coded(shape.Samples, taken);
        Machine.Coded(shape.Samples, taken, _shaping.FrameInterval);
        Coded.Add(_now);
        (int, int, bool) kind = (shape.Width, shape.Height, shape.HalfRate);
        if (Shapes.Count == 0 || Shapes[^1] != kind)
        {
            Shapes.Add(kind);
        }
    }
}
