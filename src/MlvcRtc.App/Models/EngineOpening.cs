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

    /// <summary>Names for --device.</summary>
    public static string[] Names { get; } = [Auto, .. Device.All.Select(device => device.Name)];

    /// <summary>Graphs and engine for a verb that codes pictures of this size, tested.</summary>
    /// <param name="wanted">--device; null = what the environment says, or auto.</param>
    /// <param name="cancel">Ends the test.</param>
    /// <param name="options">Of the engine, without the device; null = those of a call.</param>
    /// <exception cref="UserError">The device is unknown, missing or wrong, or the model is damaged.</exception>
    public static RunningModel Open(Surroundings surroundings, string? wanted, ModelBundle bundle, PictureSize size, FrameRate rate, CancellationToken cancel, OnnxEngineOptions? options = null)
    {
        EngineChoice choice = Test(wanted ?? surroundings.Variable(Variable), bundle, size, rate, surroundings.Time, cancel);
        surroundings.Terminal.Notice(choice.Best is null ? null : choice.Problem);
        return choice.Best is { } best
            ? RunningModel.On(Named(best.Name), bundle, options)
            : throw new UserError(ExitCode.Damaged, choice.Problem!);
    }

    /// <summary>Graphs and engine of a device, untested: for measurements.</summary>
    /// <exception cref="UserError">The device is unknown or missing.</exception>
    public static RunningModel Untested(string name, ModelBundle bundle)
    {
        Device device = Named(name);
        Require(device, bundle, ExecutionProviders.InThisBuild());
        return RunningModel.On(device, bundle);
    }

    /// <summary>Tries what was asked for.</summary>
    /// <exception cref="UserError">The device is unknown or missing.</exception>
    public static EngineChoice Test(string? wanted, ModelBundle bundle, PictureSize size, FrameRate rate, TimeProvider time, CancellationToken cancel)
    {
        IReadOnlyList<ExecutionProvider> there = ExecutionProviders.InThisBuild();
        bool unasked = wanted is null or Auto;

        // Graphs in integers only when asked for: each end of a call chooses for itself, and where one codes in integers and the other in floats pictures lose about 0.4 dB in 60 frames (models/experiments.md).
        IReadOnlyList<Device> tried = unasked ? [.. Device.All.Where(device => device.Numerics == Numerics.Float && device.WhyMissing(bundle, there) is null)] : [Named(wanted!)];
        foreach (Device device in tried)
        {
            Require(device, bundle, there);
        }

        try
        {
            EngineTask task = EngineTask.For(bundle, size.Width, size.Height, rate.Interval);
            return EngineChoice.Make([.. tried.Select(device => new EngineCandidate(device.Name, device.Start(), device.Numerics))], task, time, cancel);
        }
        catch (BundleException cause)
        {
            throw new UserError(ExitCode.Damaged, cause.Message, cause);
        }
    }

    private static void Require(Device device, ModelBundle bundle, IReadOnlyList<ExecutionProvider> there)
    {
        if (device.WhyMissing(bundle, there) is { } reason)
        {
            throw new UserError(ExitCode.BadInput, $"The device {device.Name} {reason}. 'mlvcrtc devices' lists those that are there.");
        }
    }

    private static Device Named(string name) =>
        Device.All.FirstOrDefault(device => string.Equals(device.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UserError(ExitCode.BadInput, $"There is no device {name}. Known are {string.Join(", ", Names)}.");
}
