using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.Bench;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Tracing;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Verbs;

/// <summary>'bench': how fast this machine codes and decodes, and where the time goes.</summary>
internal static class BenchVerb
{
    private const string Summary = "Measure encoder and decoder on this machine.";

    private static readonly string[] Optimizations = [.. Enum.GetNames<GraphOptimization>().Select(name => name.ToLowerInvariant())];

    private const string Details = """
        Each direction runs on a thread of its own, both at the same time unless --mode says otherwise.
        In turns with it the bare graphs run in ONNX Runtime the same way, which shows what everything around them costs.
        With --mode call it is a whole endpoint: the pipelines of a call code the clip, send it to themselves over a loopback socket and decode it. Deadlines: a picture is coded within
        two frame intervals and decoded within two more. --stops ends such endpoints at random moments, while they load, run and are overloaded, and tells what is left of them.

        Examples:
          mlvcrtc bench
          mlvcrtc bench --size 320x192 --mode encode --seconds 20 --json bench.json
          mlvcrtc bench --fps 30 --input talk.mp4
          mlvcrtc bench --mode call --size 320x180 --fps 100 --seconds 60
          mlvcrtc bench --mode call --size 320x180 --fps 100 --kbps 1000 --trace trace.json
          mlvcrtc bench --mode call --fps 30 --adaptive --overload-from 10 --overload-to 20 --seconds 40
          mlvcrtc bench --mode call --size 320x180 --fps 30 --stops 100
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<PictureSize?> size = SharedOptions.Size("Picture size. Default: 640x360.");
        Option<string> mode = new("--mode") { Description = "Which directions run.", DefaultValueFactory = _ => "both", HelpName = "encode|decode|both|call" };
        mode.AcceptOnlyFromAmong("encode", "decode", "both", "call");
        Option<int?> fps = SharedOptions.Whole("--fps", "N", "Frames per second to keep; 0 = as fast as it goes. Default: 0.", 0, 1000);
        Option<double?> seconds = SharedOptions.Number("--seconds", "S", "Measured time, after 2 s of warm-up, 0.5 .. 7200, without --mode call to 60. Default: 10.", 0.5, 7200);
        Option<int?> qp = SharedOptions.Whole("--qp", "N", "Quantisation parameter, 0 (best) .. 51. Default: 32.", 0, 51);
        Option<string?> input = new("--input") { Description = "Video to code. Default: the demo clip, scaled.", HelpName = "FILE" };
        Option<string> optimization = new("--optimization") { Description = "How far ONNX Runtime rewrites the graphs: not, constants folded, nodes fused, or also laid out for this processor.", DefaultValueFactory = _ => "all", HelpName = string.Join('|', Optimizations) };
        optimization.AcceptOnlyFromAmong(Optimizations);
        Option<int?> threads = SharedOptions.Whole("--threads", "N", "Threads inside one run of a graph. Default: 1.", 1, 64);
        Option<int?> kbps = SharedOptions.Whole("--kbps", "N", "Of --mode call: control the rate and pace packets for N kbit/s, 20 .. 20000. Default: constant QP on an ample link.", 20, 20_000);
        Option<bool> adaptive = new("--adaptive") { Description = "Of --mode call: let size and frame rate follow the machine's load." };
        Option<double?> overloadFrom = SharedOptions.Number("--overload-from", "S", "Of --mode call: from this second on other programs take every core.", 0, 7200);
        Option<double?> overloadTo = SharedOptions.Number("--overload-to", "S", "Until this second, at most a minute later.", 0, 7200);
        Option<int?> stops = SharedOptions.Whole("--stops", "N", "Of --mode call: start endpoints and end each at a random moment of its first second, N times.", 1, 10_000);
        Option<int?> seed = SharedOptions.Whole("--seed", "N", "Of those moments. Default: 1.", 0, int.MaxValue);
        Option<string?> trace = SharedOptions.Trace();
        Option<string?> device = SharedOptions.Device();
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("bench", Summary, Details) { size, mode, fps, seconds, qp, kbps, adaptive, overloadFrom, overloadTo, stops, seed, input, device, optimization, threads, model, json, trace };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            BenchSettings settings = new(
                parsed.GetValue(size) ?? new(640, 360),
                Enum.Parse<BenchMode>(parsed.GetRequiredValue(mode), ignoreCase: true),
                parsed.GetValue(fps) ?? 0,
                parsed.GetValue(seconds) ?? 10,
                parsed.GetValue(qp) ?? 32,
                parsed.GetValue(input),
                parsed.GetValue(kbps),
                parsed.GetValue(adaptive),
                Span(parsed.GetValue(overloadFrom), parsed.GetValue(overloadTo)));
            Check(settings, parsed.GetValue(trace), parsed.GetValue(stops));
            ModelBundle bundle = BundleOpening.Open(parsed.GetValue(model));
            (bundle, OnnxEngine engine) = EngineOpening.Open(surroundings, parsed.GetValue(device), bundle, settings.Size, new FrameRate(Math.Max(settings.FramesPerSecond, 1), 1), cancel, new OnnxEngineOptions
            {
                Optimization = Enum.Parse<GraphOptimization>(parsed.GetRequiredValue(optimization), ignoreCase: true),
                IntraOpThreads = parsed.GetValue(threads) ?? 1,
            });
            BenchMaterial material = BenchMaterial.Prepare(surroundings, bundle, settings, cancel);
            object report = parsed.GetValue(stops) is { } count
                ? RunStops(surroundings, new(surroundings, bundle, engine, settings, material), (count, parsed.GetValue(seed) ?? 1), cancel)
                : settings.Mode == BenchMode.Call
                ? RunCall(surroundings, new(surroundings, bundle, engine, settings, material), TraceRecording.To(parsed.GetValue(trace), surroundings.Time), cancel)
                : RunLanes(surroundings, new(bundle, engine, settings, material), cancel);
            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(report, bundle.ToReport(), parsed.Typed(), surroundings.Time));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static (double From, double To)? Span(double? from, double? to) => (from, to) switch
    {
        (null, null) => null,
        ({ } begin, { } end) when begin < end && end <= begin + 60 => (begin, end),
        _ => throw new UserError(ExitCode.BadInput, "--overload-from and --overload-to go together: two seconds of the run, the second at most 60 after the first."),
    };

    private static void Check(BenchSettings settings, string? trace, int? stops)
    {
        const double longestLanes = 60;
        if (settings.Mode != BenchMode.Call && (settings.Kbps is not null || settings.Adaptive || trace is not null || settings.Overload is not null || stops is not null))
        {
            throw new UserError(ExitCode.BadInput, "--kbps, --adaptive, --overload-from, --stops and --trace belong to --mode call.");
        }

        if (settings.FramesPerSecond == 0 && (settings.Overload is not null || stops is not null))
        {
            throw new UserError(ExitCode.BadInput, "--overload-from and --stops need a frame rate: --fps N.");
        }

        if (settings.Overload is { } span && span.To > settings.Seconds)
        {
            throw new UserError(ExitCode.BadInput, $"--overload-to {span.To} lies after the end of the run: give a longer --seconds.");
        }

        if (settings.Mode != BenchMode.Call && settings.Seconds > longestLanes)
        {
            throw new UserError(ExitCode.BadInput, $"--seconds is at most {longestLanes} without --mode call.");
        }

        if (settings.Adaptive && settings.FramesPerSecond == 0)
        {
            throw new UserError(ExitCode.BadInput, "--adaptive needs a frame rate to keep: --fps N.");
        }
    }

    private static BenchReport RunLanes(Surroundings surroundings, BenchRun run, CancellationToken cancel)
    {
        BenchReport report = run.RunAsync(cancel).GetAwaiter().GetResult();
        Print(surroundings.Terminal, report);
        return report;
    }

    private static EndpointReport RunCall(Surroundings surroundings, EndpointRun run, TraceRecording? trace, CancellationToken cancel)
    {
        EndpointReport report = run.RunAsync(trace, cancel).GetAwaiter().GetResult();
        Print(surroundings.Terminal, report);
        if (trace is not null)
        {
            surroundings.Terminal.Out.WriteLine($"wrote {trace.Write()}");
        }

        return report;
    }

    private static StopsReport RunStops(Surroundings surroundings, StopsRun run, (int Count, int Seed) stops, CancellationToken cancel)
    {
        StopsReport report = run.RunAsync(stops.Count, stops.Seed, cancel).GetAwaiter().GetResult();
        foreach (IGrouping<string, Stop> group in report.Stops.GroupBy(stop => stop.During))
        {
            surroundings.Terminal.Say($"{group.Key}: {group.Count()} stopped {group.Min(stop => stop.AfterMs):0} .. {group.Max(stop => stop.AfterMs):0} ms after the start, gone within {group.Max(stop => stop.TakenMs):0} ms");
        }

        surroundings.Terminal.Say(
            $"longest {report.LongestMs:0} ms, p50 {report.TakenMs.P50:0} ms; of {report.SessionsOpened} sessions and bindings {report.SessionsLeft} left, {report.ThreadsLeft?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} threads, {report.SocketsLeft?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} sockets");
        return report;
    }

    private static void Print(Terminal terminal, EndpointReport report)
    {
        Machine machine = Machine.This();
        string rate = report.TargetKbps is { } kbps ? $"{kbps} kbit/s" : $"QP {report.Qp}";
        terminal.Say($"{report.Width}x{report.Height} (model {report.ModelWidth}x{report.ModelHeight}) at {(report.TargetFps == 0 ? "full speed" : $"{report.TargetFps} frames/s")}, {rate}, {report.Seconds:0.#} s, {machine.Cpu}, {machine.Cores} cores");
        terminal.Say($"captured {report.FramesCaptured}, coded {report.FramesEncoded} ({report.EncodeFps:0.00}/s), decoded {report.FramesDecoded} ({report.DecodeFps:0.00}/s), shown {report.FramesShown}; {report.FramesReplaced} replaced, {report.FramesSkipped} skipped");
        terminal.Say($"encode p50 {report.EncodeMs.P50:0.0}, p95 {report.EncodeMs.P95:0.0}, p99 {report.EncodeMs.P99:0.0} ms; decode p50 {report.DecodeMs.P50:0.0}, p95 {report.DecodeMs.P95:0.0}, p99 {report.DecodeMs.P99:0.0} ms");
        terminal.Say($"encode stages: {report.EncodeStageMs}");
        terminal.Say($"decode stages: {report.DecodeStageMs}");
        terminal.Say($"interval p99 deviation: coded {report.EncodeIntervalP99DeviationMs:0.00} ms, shown {report.ShownIntervalP99DeviationMs:0.00} ms; longest {report.LongestIntervalMs:0.0} ms; latency p50 {report.LatencyMs.P50:0.0}, p95 {report.LatencyMs.P95:0.0} ms");
        terminal.Say($"deadlines missed: {report.EncodeDeadlineMisses} coding, {report.DecodeDeadlineMisses} decoding ({100 * report.DeadlineMissRatio:0.000} %); packets late by p50 {report.PacingDelayMs.P50:0.00}, p99 {report.PacingDelayMs.P99:0.00} ms");
        terminal.Say($"collections {report.Gen0Collections}, {report.Gen1Collections}, {report.Gen2Collections} (generations 0, 1, 2); {report.AllocatedBytesPerFrame:0} managed bytes{(report.TargetFps > 0 ? $" and {report.CpuMsPerFrame:0.0} ms of processor time" : "")} per frame; shutdown in {report.ShutdownMs:0} ms");
        if (report.BareFps is { } bare)
        {
            terminal.Say($"bare graphs, both threads busy: {bare:0.00} frames/s; the endpoint reaches {100 * report.ShareOfBareFps:0.0} % of it");
        }

        foreach (ShapeChange shape in report.Shapes.Skip(report.Shapes.Count > 1 ? 0 : 1))
        {
            terminal.Say($"from {shape.Second:0.0} s: {shape.Width}x{shape.Height}{(shape.HalfRate ? ", half the frame rate" : "")}");
        }

        if (report.Overload is { } overload)
        {
            string back = overload.RecoveredAfterSeconds is { } after ? $"everything back {after:0.0} s after it" : "not everything came back";
            terminal.Say($"overload from {overload.FromSecond:0} to {overload.ToSecond:0} s: longest time without a picture {overload.LongestIntervalMs:0} ms, at least {overload.LeastShownPerSecond} pictures a second; {back}");
        }

        if (report.Health.Count > 1)
        {
            terminal.Say($"memory first and last: managed {report.Health[0].ManagedHeapMb:0.0} and {report.Health[^1].ManagedHeapMb:0.0} MB, resident {report.Health[0].ResidentMb:0} and {report.Health[^1].ResidentMb:0} MB; threads {report.Health[0].Threads} and {report.Health[^1].Threads}");
        }

        if (report.HealthTrend is { } trend)
        {
            terminal.Say($"from minute {trend.FromMinute:0.0} on: managed heap {trend.ManagedHeapMbPerMinute:+0.00;-0.00;0.00} and resident memory {trend.ResidentMbPerMinute:+0.00;-0.00;0.00} MB a minute; threads within {trend.ThreadsSpread}, handles within {trend.HandlesSpread}");
        }
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
        terminal.Say($"        {stages} per frame");
    }
}
