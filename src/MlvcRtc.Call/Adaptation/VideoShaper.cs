namespace MlvcRtc.Call.Adaptation;

/// <summary>What the network and the machine can carry now.</summary>
/// <param name="VideoKbps">kbit/s for coded video and its retransmissions: the estimate of the network less what headers cost.</param>
/// <param name="RetransmittedShare">Of the bytes sent, those sent again, 0..1.</param>
/// <param name="SamplesPerSecond">Luma samples that the machines at both ends code in a second; null = no limit known.</param>
public readonly record struct ShapeInputs(double VideoKbps, double RetransmittedShare = 0, double? SamplesPerSecond = null);

/// <summary>
/// The one place that turns the bitrate into picture size, frame rate and bits per frame. The possible pictures form one staircase, each step cheaper than the one
/// before by about half: full size and rate, half the rate, then smaller sizes at half the rate. The picture is the best one that has the bits (network) and
/// that the machine keeps up with: both rules must be met. Down fast, up slowly and step by step; an attempt that failed makes the next one wait longer, so
/// that no estimate, however restless, causes more than a few key frames a minute. Pure: time comes in. One thread at a time.
/// </summary>
public sealed class VideoShaper
{
    /// <summary>Share of the machine's limit that a better picture may use: room for other work on the machine.</summary>
    private const double MachineReserve = 0.8;

    private readonly AdaptationOptions _options;
    private readonly TimeSpan _captureInterval;
    private readonly List<Step> _steps = [];
    private (int Width, int Height) _captured;
    private int _step;
    private TimeSpan? _tooDearSince;
    private TimeSpan? _roomSince;
    private TimeSpan? _grown;
    private TimeSpan? _relieved;
    private TimeSpan _growAfter;
    private TimeSpan _relievedAfter;
    private bool _forMachine;  // the step was left for the machine's sake; the network carried it

    /// <param name="options">Bounds and patience.</param>
    /// <param name="captureInterval">Of the camera; above zero.</param>
    public VideoShaper(AdaptationOptions options, TimeSpan captureInterval)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(captureInterval, TimeSpan.Zero);
        _options = options;
        _captureInterval = captureInterval;
        _growAfter = options.GrowAfter;
        _relievedAfter = options.RelievedAfter;
    }

    /// <summary>The picture to code now.</summary>
    /// <param name="inputs">What can be carried.</param>
    /// <param name="width">Of the captured picture. Another size starts from the top again.</param>
    /// <param name="height">Of the captured picture.</param>
    /// <param name="now">Not before that of the previous call.</param>
    public VideoShape Shape(in ShapeInputs inputs, int width, int height, TimeSpan now)
    {
        double kbps = inputs.VideoKbps * (1 - Math.Clamp(inputs.RetransmittedShare, 0, 1));
        if (_captured != (width, height))
        {
            Start(width, height);
            _step = Cheapest(kbps, inputs.SamplesPerSecond);  // the first key frame comes in the size that the link can carry
        }

        StepDown(kbps, inputs.SamplesPerSecond, now);
        StepUp(kbps, inputs.SamplesPerSecond, now);
        Step step = _steps[_step];
        return new VideoShape(step.Width, step.Height, step.HalfRate, kbps);
    }

    private void Start(int width, int height)
    {
        _captured = (width, height);
        _steps.Clear();
        foreach ((int stepWidth, int stepHeight) in PictureLadder.For(width, height))
        {
            if (_steps.Count == 0)
            {
                _steps.Add(new Step(stepWidth, stepHeight, HalfRate: false, stepWidth * stepHeight / _captureInterval.TotalSeconds));
            }

            _steps.Add(new Step(stepWidth, stepHeight, HalfRate: true, stepWidth * stepHeight / _captureInterval.TotalSeconds / 2));
        }

        (_tooDearSince, _roomSince, _grown) = (null, null, null);
        _growAfter = _options.GrowAfter;
        _relievedAfter = _options.RelievedAfter;
        _forMachine = false;
    }

    /// <summary>The best step that has its bits and that the machine keeps up with; the last when none has.</summary>
    private int Cheapest(double kbps, double? samplesPerSecond)
    {
        int step = 0;
        while (step < _steps.Count - 1 && !Carries(_steps[step], kbps, samplesPerSecond))
        {
            step++;
        }

        return step;
    }

    private bool Carries(in Step step, double kbps, double? samplesPerSecond) =>
        kbps * 1000 >= _options.LeastBitsPerPixel * step.SamplesPerSecond && !(step.SamplesPerSecond > samplesPerSecond);

    private bool HasRoom(in Step step, double kbps, double? samplesPerSecond) =>
        Carries(step, kbps / _options.Reserve, samplesPerSecond * MachineReserve);

    private void StepDown(double kbps, double? samplesPerSecond, TimeSpan now)
    {
        if (Carries(_steps[_step], kbps, samplesPerSecond))
        {
            _tooDearSince = null;
            return;
        }

        _tooDearSince ??= now;
        TimeSpan suffered = now - _tooDearSince.Value;
        int fitting = Math.Max(_step, Cheapest(kbps, samplesPerSecond));
        bool machineOnly = Carries(_steps[_step], kbps, samplesPerSecond: null);
        if (_step == 0 && suffered >= _options.HalveAfter)
        {
            NoteVainRelief(machineOnly, now);
            _step = 1;
            _roomSince = null;
        }

        if (fitting > _step && suffered >= _options.ShrinkAfter)
        {
            NoteVainRelief(machineOnly, now);
            if (!machineOnly && now - _grown < 2 * _growAfter)
            {
                _growAfter = 2 * _growAfter < _options.LongestGrowAfter ? 2 * _growAfter : _options.LongestGrowAfter;
            }

            _step = fitting;
            (_tooDearSince, _roomSince, _grown) = (null, null, null);
        }
    }

    private void NoteVainRelief(bool machineOnly, TimeSpan now)
    {
        bool vain = machineOnly && now - _relieved < 2 * _relievedAfter;
        TimeSpan longer = 2 * _relievedAfter < _options.LongestRelievedAfter ? 2 * _relievedAfter : _options.LongestRelievedAfter;
        _relievedAfter = vain ? longer : _relievedAfter;
        _forMachine = machineOnly;
    }

    private void StepUp(double kbps, double? samplesPerSecond, TimeSpan now)
    {
        if (_step == 0 || !HasRoom(_steps[_step - 1], kbps, samplesPerSecond))
        {
            _roomSince = null;
            return;
        }

        _roomSince ??= now;
        bool grows = _step > 1;
        if (now - _roomSince < (_forMachine ? _relievedAfter : grows ? _growAfter : _options.DoubleAfter))
        {
            return;
        }

        if (_forMachine)
        {
            _relievedAfter = now - _relieved > 2 * _options.LongestRelievedAfter ? _options.RelievedAfter : _relievedAfter;
            _relieved = now;
        }

        if (grows)
        {
            // A size that lasted was no vain attempt.
            _growAfter = now - _grown > _options.LongestGrowAfter ? _options.GrowAfter : _growAfter;
            _grown = now;
        }

        _step--;
        (_tooDearSince, _roomSince) = (null, null);
    }

    /// <param name="SamplesPerSecond">Luma samples coded in a second.</param>
    private readonly record struct Step(int Width, int Height, bool HalfRate, double SamplesPerSecond);
}
