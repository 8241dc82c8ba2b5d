using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.Verification;

/// <summary>An engine that may be used.</summary>
/// <param name="Name">For people, such as "CUDA".</param>
/// <param name="Engine">Runs the graphs.</param>
/// <param name="Numerics">Which of the model's graphs it would run.</param>
public sealed record EngineCandidate(string Name, INeuralEngine Engine, Numerics Numerics = Numerics.Float);

/// <summary>What is asked of an engine.</summary>
/// <param name="Known">A size whose answer is stored in the bundle.</param>
/// <param name="Timed">The size that will be coded.</param>
/// <param name="FrameInterval">Both graphs run once in it.</param>
public sealed record EngineTask(ModelVariant Known, ModelVariant Timed, TimeSpan FrameInterval)
{
    /// <summary>The same of the graphs in integers; null = the model has none.</summary>
    public EngineTask? Int8 { get; private init; }

    /// <summary>The smallest size with a known answer, which is the quickest to try, and the size that pictures of these sides are coded in.</summary>
    public static EngineTask For(ModelBundle bundle, int width, int height, TimeSpan frameInterval)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ModelVariant known = bundle.Models.OrderBy(model => model.ParityPath is null).ThenBy(model => model.Width * model.Height).First();
        return new(known, ModelSelection.Choose(bundle.Models, width, height).Model, frameInterval)
        {
            Int8 = bundle.Int8 is { } int8 ? For(int8, width, height, frameInterval) : null,
        };
    }
}

/// <summary>What came of a trial; the later, the worse.</summary>
public enum TrialOutcome
{
    /// <summary>Right, and fast enough.</summary>
    Passed = 0,

    /// <summary>Right, but a frame takes longer than a frame interval.</summary>
    TooSlow = 1,

    /// <summary>It does not give the known answer.</summary>
    WrongAnswer = 2,

    /// <summary>It cannot load or run the graphs.</summary>
    Failed = 3,
}

/// <summary>One engine's trial.</summary>
/// <param name="EncodeMs">Median of a run of the encoder graph; 0 = it was not timed.</param>
/// <param name="DecodeMs">The same of the decoder graph.</param>
/// <param name="Answer">How far from the known answer; null = it never gave one.</param>
/// <param name="Problem">Cause and remedy; null = it passed.</param>
public sealed record EngineTrialResult(string Name, TrialOutcome Outcome, double EncodeMs, double DecodeMs, SizeVerification? Answer, string? Problem)
{
    /// <summary>The graph that limits the frame rate: each direction has its own thread.</summary>
    public double SlowestMs => Math.Max(EncodeMs, DecodeMs);
}

/// <summary>The self-test of one engine: known symbols through its graphs, compared with the stored answer, then timed.</summary>
public static class EngineTrial
{
    /// <summary>Runs before the clock counts: kernels are compiled and memory is taken in the first.</summary>
    private const int WarmUpRuns = 2;

    /// <summary>Runs whose median counts: one that was interrupted does not.</summary>
    private const int TimedRuns = 7;

    private const int Reference = 1;
    private const int Result = 2;

    /// <exception cref="BundleException">The stored answer cannot be read.</exception>
    public static EngineTrialResult Run(EngineCandidate candidate, EngineTask task, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(time);
        task = candidate.Numerics == Numerics.Float ? task : task.Int8 ?? throw new ArgumentException("The model has no graphs in integers.", nameof(task));
        ParityAnswer? expected = task.Known.ParityPath is { } path ? ParityAnswer.Read(path, task.Known) : null;
        try
        {
            SizeVerification answer = Ask(candidate.Engine, task.Known, expected, cancel);
            if (!IsRight(answer))
            {
                return new(candidate.Name, TrialOutcome.WrongAnswer, 0, 0, answer, $"{candidate.Name} computes wrongly: {Difference(answer)}. Update its driver; until then it is not used.");
            }

            double encodeMs = MedianMs(RecurrentNetwork.LoadEncoder(task.Timed, candidate.Engine), time, cancel);
            double decodeMs = MedianMs(RecurrentNetwork.LoadDecoder(task.Timed, candidate.Engine), time, cancel);
            EngineTrialResult result = new(candidate.Name, TrialOutcome.Passed, encodeMs, decodeMs, answer, Problem: null);
            return result.SlowestMs <= task.FrameInterval.TotalMilliseconds ? result : result with { Outcome = TrialOutcome.TooSlow, Problem = TooSlow(result, task) };
        }
#pragma warning disable CA1031 // Whatever a driver throws, this engine is out and the others are tried.
        catch (Exception broken) when (broken is not (BundleException or OutOfMemoryException or OperationCanceledException))
#pragma warning restore CA1031
        {
            return new(candidate.Name, TrialOutcome.Failed, 0, 0, Answer: null, $"{candidate.Name} cannot run the model: {broken.Message}");
        }
    }

    internal static string Difference(SizeVerification answer) => FormattableString.Invariant(
        $"{100 * answer.WorstSymbolMismatch:0.###} % of the symbols differ from the stored answer ({100 * answer.SymbolMismatchBound:0.###} % may), the picture is off by {answer.WorstPictureMeanError:0.###} levels ({answer.PictureMeanBound:0.###} may)");

    /// <summary>
    /// States that differ between the graphs in their last bits are no error here: devices add in other orders. They are reported. Where nothing was stored, equal states are all that can be asked.
    /// </summary>
    private static bool IsRight(SizeVerification answer) => answer.HasKnownAnswer
        ? answer.WorstSymbolMismatch <= answer.SymbolMismatchBound && answer.WorstPictureMeanError <= answer.PictureMeanBound
        : answer.Passed;

    private static SizeVerification Ask(INeuralEngine engine, ModelVariant model, ParityAnswer? expected, CancellationToken cancel)
    {
        using RecurrentNetwork encoder = RecurrentNetwork.LoadEncoder(model, engine);
        using RecurrentNetwork decoder = RecurrentNetwork.LoadDecoder(model, engine);
        return BundleVerification.Verify(model, expected, encoder, decoder, cancel.ThrowIfCancellationRequested);
    }

    /// <summary>Disposes the network.</summary>
    private static double MedianMs(RecurrentNetwork network, TimeProvider time, CancellationToken cancel)
    {
        using RecurrentNetwork timed = network;
        double[] milliseconds = new double[TimedRuns];
        for (int run = -WarmUpRuns; run < TimedRuns; run++)
        {
            cancel.ThrowIfCancellationRequested();
            long begun = time.GetTimestamp();
            timed.Run(Reference, Result, shiftedIndex: 0);
            if (run >= 0)
            {
                milliseconds[run] = time.GetElapsedTime(begun).TotalMilliseconds;
            }
        }

        Array.Sort(milliseconds);
        return milliseconds[TimedRuns / 2];
    }

    private static string TooSlow(EngineTrialResult result, EngineTask task) => FormattableString.Invariant(
        $"{result.Name} is too slow: a frame of {task.Timed.Key} takes {result.EncodeMs:0.0} ms to encode and {result.DecodeMs:0.0} ms to decode, {1 / task.FrameInterval.TotalSeconds:0.##} frames/s leave {task.FrameInterval.TotalMilliseconds:0.0} ms. Choose a smaller --size or fewer frames per second.");
}
