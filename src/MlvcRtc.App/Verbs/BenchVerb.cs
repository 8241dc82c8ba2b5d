using System.CommandLine;
using MlvcRtc.App.Bench;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.Verbs;

/// <summary>'bench': how fast this machine codes and decodes, and where the time goes.</summary>
internal static class BenchVerb
{
    private const string Summary = "Measure encoder and decoder on this machine.";

    private const string Details = """
        Each direction runs on a thread of its own, both at the same time unless --mode says otherwise.
        In turns with it the bare graphs run in ONNX Runtime the same way, which shows what everything around them costs.

        Examples:
          mlvcrtc bench
          mlvcrtc bench --size 320x192 --mode encode --seconds 20 --json bench.json
          mlvcrtc bench --fps 30 --input talk.mp4
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<PictureSize?> size = SharedOptions.Size("Picture size. Default: 640x360.");
        Option<string> mode = new("--mode") { Description = "Which directions run.", DefaultValueFactory = _ => "both", HelpName = "encode|decode|both" };
        mode.AcceptOnlyFromAmong("encode", "decode", "both");
        Option<int?> fps = SharedOptions.Whole("--fps", "N", "Frames per second to keep; 0 = as fast as it goes. Default: 0.", 0, 1000);
        Option<double?> seconds = SharedOptions.Number("--seconds", "S", "Measured time, after 2 s of warm-up. Default: 10.", 0.5, 60);
        Option<int?> qp = SharedOptions.Whole("--qp", "N", "Quantisation parameter, 0 (best) .. 51. Default: 32.", 0, 51);
        Option<string?> input = new("--input") { Description = "Video to code. Default: the demo clip, scaled.", HelpName = "FILE" };
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("bench", Summary, Details) { size, mode, fps, seconds, qp, input, model, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            BenchSettings settings = new(
                parsed.GetValue(size) ?? new(640, 360),
                Enum.Parse<BenchMode>(parsed.GetRequiredValue(mode), ignoreCase: true),
                parsed.GetValue(fps) ?? 0,
                parsed.GetValue(seconds) ?? 10,
                parsed.GetValue(qp) ?? 32,
                parsed.GetValue(input));
            ModelBundle bundle = BundleOpening.Open(parsed.GetValue(model));
            BenchMaterial material = BenchMaterial.Prepare(surroundings, bundle, settings, cancel);
            BenchReport report = new BenchRun(bundle, settings, material).RunAsync(cancel).GetAwaiter().GetResult();
            Print(surroundings.Terminal, report);
            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(report, bundle.ToReport(), parsed.Typed(), surroundings.Time));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, BenchReport report)
    {
        Machine machine = Machine.This();
        terminal.Say($"{report.Width}x{report.Height} (model {report.ModelWidth}x{report.ModelHeight}), QP {report.Qp}, {report.Seconds:0.#} s, {machine.Cpu}, {machine.Cores} cores");
        PrintLane(terminal, "encode", report.EncodeFps, report.EncodeMs, report.EncodeStageMs, report.BareEncodeMs);
        PrintLane(terminal, "decode", report.DecodeFps, report.DecodeMs, report.DecodeStageMs, report.BareDecodeMs);
        terminal.Say($"ratio to the bare graphs {report.RatioToBare:0.000}; {report.AllocatedBytesPerFrame:0} managed bytes allocated per frame; frame interval p99 deviation {report.FrameIntervalP99DeviationMs:0.0} ms");
        terminal.Say($"one reference state {report.StateBytes} bytes; peak resident memory {report.PeakResidentMb:0} MB");
    }

    private static void PrintLane(Terminal terminal, string name, double? fps, Percentiles? ms, StageMs? stages, Percentiles? bare)
    {
        if (fps is null || ms is null || stages is null || bare is null)
        {
            return;
        }

        terminal.Say($"{name}: {fps:0.0} frames/s; frame p50 {ms.P50:0.0}, p95 {ms.P95:0.0}, p99 {ms.P99:0.0} ms; bare graph p50 {bare.P50:0.0} ms");
        terminal.Say($"        pixels {stages.Pixels:0.00}, network {stages.Network:0.00}, entropy {stages.Entropy:0.00}, bitstream {stages.Bitstream:0.00} ms per frame");
    }
}
