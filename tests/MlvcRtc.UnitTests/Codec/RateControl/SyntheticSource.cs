using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.RateControl;

/// <summary>
/// A clip and codec as a formula: bits = scale · e^(slope·q) · pattern · complexity(t) · noise. Deliberately not the controller's own model: the slope is the
/// clip's, shifted frames cost their own factor, a rise of quality is paid at once, and complexity changes.
/// </summary>
internal sealed record SyntheticSource
{
    /// <summary>Bits of a steady frame without shift at q 0.</summary>
    public double Scale { get; init; } = 500;

    /// <summary>d ln(bits) / dq of predicted frames.</summary>
    public double Slope { get; init; } = 0.04;

    /// <summary>Bits of a key frame at q 0.</summary>
    public double KeyScale { get; init; } = 13_000;

    /// <summary>d ln(bits) / dq of key frames.</summary>
    public double KeySlope { get; init; } = 0.028;

    /// <summary>ln(bits) per unit of hierarchical shift, all effects together.</summary>
    public double Pattern { get; init; } = 0.2;

    /// <summary>Standard deviation of ln(bits); bounded at twice this.</summary>
    public double Noise { get; init; } = 0.12;

    /// <summary>Factor of a recovery frame.</summary>
    public double Recovery { get; init; } = 3;

    /// <summary>ln(bits) per step of q above the better of the two frames before.</summary>
    public double Rise { get; init; } = 0.08;

    public double FramesPerSecond { get; init; } = 30;

    /// <summary>Factor of predicted frames by time in seconds.</summary>
    public Func<double, double> Complexity { get; init; } = _ => 1;

    /// <summary>The published mapping and shifts.</summary>
    public static QpScale Scale64 { get; } = new(
        64,
        72,
        [.. Enumerable.Range(0, 52).Select(qp => Math.Clamp((int)Math.Round(63 - ((qp - 18) * 55.0 / 26), MidpointRounding.ToEven), 0, 63))],
        [0, 1, 0, 2, 0, 2, 0, 2],
        [0, 8, 4]);

    /// <param name="type">Kind of frame.</param>
    /// <param name="frame">Number since the last key frame.</param>
    /// <param name="q">Quality index.</param>
    /// <param name="previousQ">Quality index of the better of the two frames before.</param>
    /// <param name="seconds">Time.</param>
    /// <param name="random">Noise.</param>
    public int Bits(FrameType type, int frame, int q, int previousQ, double seconds, Random random)
    {
        // Irwin–Hall of twelve: a normal deviate without tails beyond six.
        double normal = Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6;
        double noise = Math.Exp(Noise * Math.Clamp(normal, -2, 2));
        double key = KeyScale * Math.Exp(KeySlope * q);
        if (type == FrameType.Intra)
        {
            return (int)((key * noise) + 224);
        }

        double afterKey = frame switch { 1 => 5, 2 => 2.2, 3 => 1.4, _ => 1 };
        double rise = Math.Exp(Rise * Math.Max(0, q - previousQ));
        double recovery = type == FrameType.Recovery ? Recovery : 1;
        double steady = Scale * Math.Exp((Slope * q) + (Pattern * Scale64.ShiftOf(frame))) * Complexity(seconds);

        // Prediction can fail, but then a frame costs what it would without a reference.
        return (int)((Math.Min(steady * afterKey * rise * recovery, Math.Max(key, steady)) * noise) + 128);
    }

    /// <summary>kbit/s at one quality over five seconds, after the first.</summary>
    public double RateAt(int q)
    {
        var random = new Random(1);
        int second = (int)FramesPerSecond;
        return Enumerable.Range(second, 5 * second).Sum(n => (double)Bits(FrameType.Inter, n, q, q, n / FramesPerSecond, random)) / 5000;
    }
}
