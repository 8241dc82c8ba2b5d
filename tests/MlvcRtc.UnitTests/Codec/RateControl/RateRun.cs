using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.RateControl;

/// <summary>One frame of a run. Bits are null when it was skipped.</summary>
internal readonly record struct RunFrame(double Seconds, FrameType Type, int QIndex, int? Bits, double NominalBits, double BacklogBits);

/// <summary>A controller and a synthetic source for some seconds.</summary>
internal static class RateRun
{
    /// <summary>Quality indices that a frame above its bound falls by, as it first does in the encoder.</summary>
    private const int StepsWhenCodedAgain = 3;

    public static List<RunFrame> Play(
        SyntheticSource source, double kbps, double seconds = 6, int seed = 1, Func<int, FrameType>? typeOf = null, Action<int, RateController>? before = null, int pixels = 57_600)
    {
        var random = new Random(seed);
        var controller = new RateController(
            new RateControlOptions { TargetKbps = kbps, FramesPerSecond = source.FramesPerSecond, PixelsPerFrame = pixels }, SyntheticSource.Scale64);
        var frames = new List<RunFrame>();
        int number = -1;
        int previousQ = 0;
        int beforePreviousQ = 0;
        for (int i = 0; i < seconds * source.FramesPerSecond; i++)
        {
            before?.Invoke(i, controller);
            FrameType type = i == 0 ? FrameType.Intra : typeOf?.Invoke(i) ?? FrameType.Inter;
            double time = i / source.FramesPerSecond;
            RateDecision decision = controller.Plan(type, TimeSpan.FromSeconds(time));
            int? bits = null;
            int codedQ = decision.QIndex;
            if (!decision.Skip)
            {
                number = type == FrameType.Intra ? 0 : number + 1;
                int reference = Math.Max(previousQ, beforePreviousQ);
                int? codedQp = null;
                bits = source.Bits(type, number, codedQ, reference, time, random);
                if (bits > decision.MostBits && SyntheticSource.Scale64.Coarser(codedQ, StepsWhenCodedAgain) is { } coarser)
                {
                    (codedQ, codedQp) = (coarser.QIndex, coarser.Qp);
                    bits = source.Bits(type, number, codedQ, reference, time, random);
                }

                (previousQ, beforePreviousQ) = (codedQ, previousQ);
                controller.Commit(bits.Value, codedQp);
            }

            frames.Add(new RunFrame(time, type, codedQ, bits, controller.NominalBits, controller.BacklogBits));
        }

        return frames;
    }

    /// <summary>kbit/s between two instants.</summary>
    public static double Kbps(this IEnumerable<RunFrame> frames, double from, double to) =>
        frames.Where(frame => frame.Seconds >= from && frame.Seconds < to).Sum(frame => (double)(frame.Bits ?? 0)) / (to - from) / 1000;

    /// <summary>Largest ratio of a frame's bits to its weighted allocation: key 10, recovery 6, ordinary 1.</summary>
    public static double WorstRatio(this IEnumerable<RunFrame> frames) => frames.Max(frame =>
        (frame.Bits ?? 0) / frame.NominalBits / (frame.Type switch { FrameType.Intra => 10, FrameType.Recovery => 6, _ => 1 }));
}
