using MlvcRtc.Media;

namespace MlvcRtc.Codec.RateControl;

/// <summary>
/// Expected bits of the next frame: one model for key frames, one for the others, and beside it what makes frames of one quality differ,
/// each as ln(bits): the hierarchical shift, nearness to a key frame, recovery from a long-term reference. All of it adapts.
/// </summary>
internal sealed class FrameSizes
{
    // First guesses, from mlvc-xs v0.200 at constant q 0 to 63 on three clips of 320x180 and one of 640x360, 30 frames/s. At q 16 a key frame took
    // 0.29 to 0.40 bit per pixel and a steady frame without shift 0.012 to 0.023. They only have to keep the first frames in bounds.
    private const double KeyBitsPerPixel = 0.4;        // at q 16
    private const double KeySlope = 0.028;
    private const double InterBitsPerPixel = 0.02;     // at q 16, shift 0; near the largest
    private const double InterSlope = 0.04;
    private const double SeedQ = 16;
    private const double ShiftLog = 0.2;               // per unit of shift: at q 16, shift 8 cost 4.3 to 6.8 times shift 0; less at high q
    private const double RecoveryLog = 0.7;            // 5 to 8 frames after the reference 1.1 to 3 times a frame that follows it; adapts

    /// <summary>Frames 1 to 4 after a key frame, which is coarser than the frames that follow want: at q 16 on the same clips 3.6 to 5.1, 1.3 to 2.6, 1.0 to 1.7, 0.7 to 1.4 times
    /// a steady frame of their shift. These guesses (6.0, 2.7, 1.6, 1.3) lie near or above the upper ends, since a frame planned too small is the harm.</summary>
    private static readonly double[] AfterKeyLog = [1.8, 1.0, 0.5, 0.3];

    /// <summary>Least bits that count as an observation: a frame of nothing but headers says nothing about quality.</summary>
    private const double LeastBits = 64;

    /// <summary>Surprises from here on (a factor of two upwards) are a change of scene: followed at once.</summary>
    private const double SceneChangeLog = 0.69;

    /// <summary>Share of a shifted frame's surprise that is taken for a wrong factor of its shift; the largest shift has few frames to learn from.</summary>
    private const double ShiftGain = 0.3;

    /// <summary>The same for a frame that was larger than expected: the next of its kind, a period later, must not exceed its bound again.</summary>
    private const double RisingShiftGain = 0.5;

    /// <summary>Share of a surprise that is believed of a frame whose quality rose: where still cells are skipped they are then all coded, once (mlvc-xs v0.203: 700 bits at q 36, more than 3,300 in the first frame at q 40).</summary>
    private const double RisenGain = 0.1;

    private readonly IQpScale _scale;
    private readonly SizeModel _key;
    private readonly SizeModel _inter;
    private readonly Dictionary<int, double> _shiftLog = [];
    private double _recoveryLog = RecoveryLog;
    private bool _keySeen;

    public FrameSizes(IQpScale scale, int pixels)
    {
        _scale = scale;
        _key = new SizeModel(Math.Log(KeyBitsPerPixel * pixels), SeedQ, KeySlope);
        _inter = new SizeModel(Math.Log(InterBitsPerPixel * pixels), SeedQ, InterSlope);
        for (int frame = 0; frame < scale.ShiftPeriod; frame++)
        {
            _shiftLog[scale.ShiftOf(frame)] = ShiftLog * scale.ShiftOf(frame);
        }
    }

    /// <summary>Expected bits of an ordinary frame far from a key frame.</summary>
    public double Steady(int frame, double q) => Math.Exp(_inter.LogBits(q) + _shiftLog[_scale.ShiftOf(frame)]);

    /// <summary>Expected bits of frame number <paramref name="frame"/> since the last key frame, which is 0.</summary>
    public double Expect(FrameType type, int frame, double q) => Math.Exp(ExpectLog(type, frame, q));

    /// <summary>Pictures have so many times the samples from now on: all frames cost so much more, or less.</summary>
    public void Scale(double factor)
    {
        _key.Shift(Math.Log(factor));
        _inter.Shift(Math.Log(factor));
    }

    /// <summary>Learns what a frame really cost.</summary>
    /// <param name="type">As it was coded.</param>
    /// <param name="frame">Number since the last key frame.</param>
    /// <param name="q">Its quality index.</param>
    /// <param name="bits">The whole access unit.</param>
    /// <param name="risen">It is better than the frames before it, and paid once for what they lack: that says little about those that follow.</param>
    public void Learn(FrameType type, int frame, double q, int bits, bool risen = false)
    {
        double surprise = Math.Log(Math.Max(bits, LeastBits)) - ExpectLog(type, frame, q);
        switch (type)
        {
            case FrameType.Intra:
                _key.Learn(q, surprise, _keySeen ? 0.5 : 1);
                if (!_keySeen)
                {
                    // A picture with more detail than guessed also moves with more detail.
                    _inter.Shift(surprise / 2);
                }

                _keySeen = true;
                break;
            case FrameType.Recovery:
                _recoveryLog = Math.Clamp(_recoveryLog + (surprise / 2), 0, 3);
                break;
            default:
                int shift = _scale.ShiftOf(frame);
                if (risen && surprise > 0)
                {
                    _inter.Learn(q, surprise, RisenGain);
                    break;
                }

                _inter.Learn(q, surprise, GainOf(frame, shift, surprise));
                if (shift != 0 && frame > AfterKeyLog.Length)
                {
                    _shiftLog[shift] = Math.Clamp(_shiftLog[shift] + ((surprise > 0 ? RisingShiftGain : ShiftGain) * Math.Clamp(surprise, -1, 1)), -1, 3);
                }

                break;
        }
    }

    /// <summary>Frames right after a key frame differ from clip to clip, and shifted ones may be wrong by their shift: both say less about the steady ones. More than expected is believed sooner than less.</summary>
    private static double GainOf(int frame, int shift, double surprise) =>
        frame <= AfterKeyLog.Length ? (surprise > 0 ? 0.5 : 0.15) : surprise > SceneChangeLog ? 0.9 : shift == 0 ? 0.3 : 0.2;

    private double ExpectLog(FrameType type, int frame, double q) => type switch
    {
        FrameType.Intra => _key.LogBits(q),
        FrameType.Recovery => SteadyLog(frame, q) + _recoveryLog,
        _ => SteadyLog(frame, q) + (frame <= AfterKeyLog.Length ? AfterKeyLog[frame - 1] : 0),
    };

    private double SteadyLog(int frame, double q) => _inter.LogBits(q) + _shiftLog[_scale.ShiftOf(frame)];
}
