using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Verbs;

/// <summary>'devices': what the networks can run on here.</summary>
internal static class DevicesVerb
{
    private const string Summary = "What this machine can run the networks on, tested and timed.";

    private const string Details = """
        Runs known symbols through the model on each device, compares with the answer stored in the model, and times it. The fastest that is right is the one that
        calls take; --device of 'call' and 'demo', or MLVCRTC_DEVICE in the environment, takes another.

        Examples:
          mlvcrtc devices
          mlvcrtc devices --size 960x540 --fps 60 --json devices.json
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<PictureSize?> size = SharedOptions.Size("Size to time. Default: 640x360.");
        Option<FrameRate?> fps = SharedOptions.Rate("Frame rate to keep. Default: 30.");
        Option<string?> device = SharedOptions.Device();
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("devices", Summary, Details) { size, fps, device, model, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            ModelBundle bundle = BundleOpening.Open(parsed.GetValue(model));
            PictureSize timed = parsed.GetValue(size) ?? new(640, 360);
            FrameRate rate = parsed.GetValue(fps) ?? new(30, 1);
            EngineChoice choice = EngineOpening.Test(parsed.GetValue(device), bundle, timed, rate, surroundings.Time, cancel);
            IReadOnlyList<DeviceReport> devices = [.. Device.All.Select(found => DeviceReport.Of(found, choice, bundle))];
            Print(surroundings.Terminal, choice, devices, timed, rate);
            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(DevicesReport.Of(choice, devices, timed, rate), bundle.ToReport(), parsed.Typed(), surroundings.Time));
            }

            return choice.Best is null ? throw new UserError(ExitCode.Damaged, choice.Problem!) : ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, EngineChoice choice, IReadOnlyList<DeviceReport> devices, PictureSize size, FrameRate rate)
    {
        Machine machine = Machine.This();
        terminal.Say($"{machine.Cpu}, {machine.Cores} cores; ONNX Runtime {OnnxEngine.RuntimeVersion}; {size} at {rate.PerSecond:0.##} frames/s");
        foreach (DeviceReport device in devices)
        {
            string verdict = choice.Trials.FirstOrDefault(trial => trial.Name == device.Name) is { } trial ? Verdict(trial, choice) : $"-  {device.Problem}";
            terminal.Out.WriteLine($"{device.Name,-9} {verdict}");
        }
    }

    private static string Verdict(EngineTrialResult trial, EngineChoice choice)
    {
        string chosen = trial == choice.Best ? " (chosen)" : string.Empty;
        return trial.Outcome == TrialOutcome.Passed
            ? string.Create(CultureInfo.InvariantCulture, $"right{chosen}  encodes a frame in {trial.EncodeMs:0.0} ms, decodes it in {trial.DecodeMs:0.0} ms")
            : $"{(trial.Outcome == TrialOutcome.TooSlow ? "right, but slow" : "unusable")}{chosen}  {trial.Problem}";
    }

    /// <summary>Figures of 'devices'.</summary>
    private sealed record DevicesReport(int Width, int Height, double Fps, string? Chosen, IReadOnlyList<DeviceReport> Devices)
    {
        public static DevicesReport Of(EngineChoice choice, IReadOnlyList<DeviceReport> devices, PictureSize size, FrameRate rate) =>
            new(size.Width, size.Height, Math.Round(rate.PerSecond, 3), choice.Best?.Name, devices);
    }

    /// <param name="Outcome">"passed", "tooslow", "wronganswer", "failed", "missing": not in this build or model, or "untried": nobody asked for it, and it is slow here.</param>
    private sealed record DeviceReport(string Name, string Outcome, double EncodeMs, double DecodeMs, double? SymbolMismatch, int? DifferingStates, string? Problem)
    {
        public static DeviceReport Of(Device device, EngineChoice choice, ModelBundle bundle) =>
            choice.Trials.FirstOrDefault(trial => trial.Name == device.Name) is { } trial
                ? new(
                    trial.Name,
                    trial.Outcome.ToString().ToLowerInvariant(),
                    Math.Round(trial.EncodeMs, 2),
                    Math.Round(trial.DecodeMs, 2),
                    trial.Answer?.WorstSymbolMismatch,
                    trial.Answer?.DifferingStates,
                    trial.Problem)
                : device.WhyMissing(bundle, ExecutionProviders.InThisBuild()) is { } reason
                    ? new(device.Name, "missing", 0, 0, null, null, reason)
                    : new(device.Name, "untried", 0, 0, null, null, $"was not tried: --device {device.Name} does it");
    }
}
