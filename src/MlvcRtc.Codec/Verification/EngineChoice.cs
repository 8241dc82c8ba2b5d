using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.Codec.Verification;

/// <summary>The start-up self-test: tries engines and names the one to use.</summary>
/// <param name="Trials">In the order of the candidates.</param>
/// <param name="Best">The fastest that is right; one that is too slow only where no other is. Null = none is right.</param>
/// <param name="Problem">Why there is no best, or what is wrong with it; null = nothing.</param>
public sealed record EngineChoice(IReadOnlyList<EngineTrialResult> Trials, EngineTrialResult? Best, string? Problem)
{
    /// <param name="candidates">The processor first: where it is wrong, too, the model is to blame and not the device.</param>
    /// <param name="cancel">Ends it within one run of a graph.</param>
    /// <exception cref="BundleException">The stored answer cannot be read.</exception>
    public static EngineChoice Make(IReadOnlyList<EngineCandidate> candidates, EngineTask task, TimeProvider time, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfZero(candidates.Count);
        List<EngineTrialResult> trials = [.. candidates.Select(candidate => EngineTrial.Run(candidate, task, time, cancel))];
        EngineTrialResult? best = trials.Where(trial => trial.Outcome <= TrialOutcome.TooSlow).OrderBy(trial => trial.Outcome).ThenBy(trial => trial.SlowestMs).FirstOrDefault();
        return new(trials, best, best is null ? NoneIsRight(trials, task) : best.Problem);
    }

    private static string NoneIsRight(List<EngineTrialResult> trials, EngineTask task)
    {
        EngineTrialResult first = trials[0];
        return first.Answer is { } answer
            ? $"The model is damaged: {task.Known.Key} does not give its stored answer on any device ({first.Name}: {EngineTrial.Difference(answer)}). Fetch the bundle again and import it: mlvcrtc models import FILE."
            : $"No device can run the model. {string.Join(" ", trials.Select(trial => trial.Problem))} Check the model with: mlvcrtc models verify.";
    }
}
