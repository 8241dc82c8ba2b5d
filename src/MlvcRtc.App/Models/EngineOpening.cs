using MlvcRtc.App.CommandLine;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Models;

/// <summary>Finds what the networks run on: the device that was asked for, or the fastest that passes the self-test.</summary>
internal static class EngineOpening
{
    public const string Auto = "auto";

    /// <summary>Sets the device for all verbs that have no --device.</summary>
    private const string Variable = "MLVCRTC_DEVICE";

    /// <summary>Names for --device: auto and every provider, in lower case.</summary>
    public static string[] Names { get; } = [Auto, .. ExecutionProviders.All.Select(NameOf)];

    public static string NameOf(ExecutionProvider provider) => provider.ToString().ToLowerInvariant();

    /// <summary>The engine for a verb that codes pictures of this size, tested.</summary>
    /// <param name="wanted">--device; null = what the environment says, or auto.</param>
    /// <param name="cancel">Ends the test.</param>
    /// <param name="options">Of the engine, without the device; null = those of a call.</param>
    /// <exception cref="UserError">The device is unknown, missing or wrong, or the model is damaged.</exception>
    public static OnnxEngine Open(Surroundings surroundings, string? wanted, ModelBundle bundle, PictureSize size, FrameRate rate, CancellationToken cancel, OnnxEngineOptions? options = null)
    {
        EngineChoice choice = Test(wanted ?? surroundings.Variable(Variable), bundle, size, rate, surroundings.Time, cancel);
        surroundings.Terminal.Notice(choice.Best is null ? null : choice.Problem);
        return choice.Best is { } best
            ? new OnnxEngine((options ?? new OnnxEngineOptions()) with { Provider = ProviderOf(best.Name) })
            : throw new UserError(ExitCode.Damaged, choice.Problem!);
    }

    /// <summary>Tries what was asked for.</summary>
    /// <exception cref="UserError">The device is unknown or not in this build.</exception>
    public static EngineChoice Test(string? wanted, ModelBundle bundle, PictureSize size, FrameRate rate, TimeProvider time, CancellationToken cancel)
    {
        IReadOnlyList<ExecutionProvider> there = ExecutionProviders.InThisBuild();
        IReadOnlyList<ExecutionProvider> tried = wanted is null or Auto ? there : [ProviderOf(wanted)];
        if (tried.FirstOrDefault(provider => !there.Contains(provider)) is not ExecutionProvider.Cpu and var missing)
        {
            throw new UserError(ExitCode.BadInput, $"The device {NameOf(missing)} is not in this build: it {ExecutionProviders.HowToGet(missing)}. 'mlvcrtc devices' lists those that are.");
        }

        try
        {
            EngineTask task = EngineTask.For(bundle, size.Width, size.Height, rate.Interval);
            return EngineChoice.Make([.. tried.Select(provider => new EngineCandidate(NameOf(provider), new OnnxEngine(new OnnxEngineOptions { Provider = provider })))], task, time, cancel);
        }
        catch (BundleException cause)
        {
            throw new UserError(ExitCode.Damaged, cause.Message, cause);
        }
    }

    private static ExecutionProvider ProviderOf(string name) =>
        Enum.TryParse(name, ignoreCase: true, out ExecutionProvider provider) && !int.TryParse(name, out _)
            ? provider
            : throw new UserError(ExitCode.BadInput, $"There is no device {name}. Known are {string.Join(", ", Names)}.");
}
