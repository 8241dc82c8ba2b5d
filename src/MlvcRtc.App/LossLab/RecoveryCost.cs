using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;

namespace MlvcRtc.App.LossLab;

/// <summary>Mean size of frames predicted from a slot. Ratios are of sums of bytes over the same source pictures.</summary>
/// <param name="FramesBack">From the frame to its reference.</param>
/// <param name="Samples">Frames measured.</param>
/// <param name="ToOrdinary">To the ordinary frame of the same picture, quality and shift.</param>
/// <param name="EvenToOrdinary">Of them, frames of even number, which the codec makes better and larger.</param>
/// <param name="OddToOrdinary">Of them, frames of odd number.</param>
/// <param name="ToKeyFrame">To a key frame of the same picture and quality.</param>
internal sealed record DistanceCost(int FramesBack, int Samples, double ToOrdinary, double EvenToOrdinary, double OddToOrdinary, double ToKeyFrame);

/// <summary>The price of predicting every frame from an older one, as acknowledged-reference mode does.</summary>
/// <param name="LeastFramesBack">Every frame is predicted from the newest even one that is at least so old.</param>
/// <param name="MoreBitsPercent">At equal PSNR, against predicting each frame from the one before; null = their PSNRs do not overlap.</param>
internal sealed record DistancePrice(int LeastFramesBack, double? MoreBitsPercent);

/// <summary>One clip.</summary>
internal sealed record ClipCost(string Name, string Pictures, int Frames, IReadOnlyList<DistanceCost> Recoveries, IReadOnlyList<DistancePrice> Prices);

/// <summary>Measures what recovery frames cost on one clip. Everything is coded at fixed quality, without rate control.</summary>
internal sealed class RecoveryCost(ModelBundle bundle, IReadOnlyList<VideoFrame> pictures, Action done, CancellationToken cancel)
{
    /// <summary>The middle of the qualities that calls use at 150 to 500 kbit/s.</summary>
    public const int Qp = 32;

    public static readonly IReadOnlyList<int> Distances = [1, 2, 4, 8, 10, 16];

    /// <summary>At 24 to 30 frames/s an RTT of about 60 and 160 ms.</summary>
    public static readonly IReadOnlyList<int> LeastDistances = [3, 6];

    /// <summary>Pictures that hold every recovery of the largest distance.</summary>
    public const int FewestPictures = PatternLength + 16 + (PatternLength / 2) + (3 * Spacing) + 1;

    /// <summary>Frames after which the shifts of quality repeat.</summary>
    private const int PatternLength = 8;

    /// <summary>Frames from a recovery to the next: with it four recoveries are at four places of the pattern, and four that begin half a pattern later at the others.</summary>
    private const int Spacing = 21;

    /// <summary>Slots that recoveries and marks of this measurement turn over.</summary>
    private const int Slots = 8;

    private static readonly int[] Qps = [Qp - 8, Qp, Qp + 8];

    /// <summary>Frames that one measurement codes; for progress.</summary>
    public static long FramesFor(int pictures) => (long)pictures * (1 + (2 * Distances.Count) + (Qps.Length * (1 + LeastDistances.Count))) + (pictures / 8);

    public (IReadOnlyList<DistanceCost> Recoveries, IReadOnlyList<DistancePrice> Prices) Measure()
    {
        IReadOnlyList<int> ordinary = Trial(_ => new EncodeRequest(Qp)).Bytes;
        Dictionary<int, int> keys = KeyFrames();
        DistanceCost[] recoveries = [.. Distances.Select(distance => At(distance, ordinary, keys))];
        PredictionTrial[] plain = [.. Qps.Select(qp => Trial(_ => new EncodeRequest(qp), decodes: true))];
        DistancePrice[] prices = [.. LeastDistances.Select(least =>
            new DistancePrice(least, EqualQuality.MoreBitsPercent(plain, [.. Qps.Select(qp => Trial(n => FromOlder(n, least, qp), decodes: true))])))];
        return (recoveries, prices);
    }

    /// <summary>Every frame from the newest even one that is at least so many frames back; even ones are kept.</summary>
    private static EncodeRequest FromOlder(int n, int least, int qp) => new(
        qp,
        RecoverFromSlot: n >= least ? ((n - least) / 2) % Slots : null,
        MarkSlot: n % 2 == 0 && n > 0 ? (n / 2) % Slots : null);

    /// <summary>
    /// Recoveries of this distance, one at each of the eight places of the quality pattern, since what an ordinary frame costs hangs on its place. Four in one trial and four in
    /// another, so far apart that ordinary frames settle between them.
    /// </summary>
    private DistanceCost At(int distance, IReadOnlyList<int> ordinary, Dictionary<int, int> keys)
    {
        List<(int Number, int Bytes)> found = [];
        foreach (int start in (ReadOnlySpan<int>)[0, PatternLength / 2])
        {
            int first = PatternLength + distance + start;
            bool IsRecovery(int n) => n >= first && n < first + (Spacing * PatternLength / 2) && (n - first) % Spacing == 0;
            PredictionTrial trial = Trial(n => new EncodeRequest(Qp, RecoverFromSlot: IsRecovery(n) ? 1 : null, MarkSlot: IsRecovery(n + distance) ? 1 : null));
            found.AddRange(Enumerable.Range(0, pictures.Count).Where(IsRecovery).Select(n => (n, trial.Bytes[n])));
        }

        double Ratio(IEnumerable<(int Number, int Bytes)> of) => of.Sum(sample => (double)sample.Bytes) / of.Sum(sample => (double)ordinary[sample.Number]);
        return new(
            distance,
            found.Count,
            Ratio(found),
            Ratio(found.Where(sample => sample.Number % 2 == 0)),
            Ratio(found.Where(sample => sample.Number % 2 != 0)),
            found.Average(sample => (double)sample.Bytes) / keys.Values.Average());
    }

    /// <summary>Key frames of every eighth picture.</summary>
    private Dictionary<int, int> KeyFrames()
    {
        int[] chosen = [.. Enumerable.Range(0, pictures.Count / 8).Select(i => 8 * i)];
        PredictionTrial trial = PredictionTrial.Run(bundle, [.. chosen.Select(n => pictures[n])], _ => new EncodeRequest(Qp, KeyFrame: true), decodes: false, done, cancel);
        return chosen.Zip(trial.Bytes).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private PredictionTrial Trial(Func<int, EncodeRequest> rule, bool decodes = false) => PredictionTrial.Run(bundle, pictures, rule, decodes, done, cancel);
}
