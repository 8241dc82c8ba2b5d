using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Demo;

namespace MlvcRtc.App.Verbs;

/// <summary>'demo': the whole product in one process.</summary>
internal static class DemoVerb
{
    private const string Summary = "A two-party call inside this process, over a simulated network that loses packets.";

    private const string Details = """
        A sends the video, B answers with another part of the demo clip (as large
        as A's where this machine can code and decode both in real time, else small), and lost packets are sent again or mended from frames that both ends hold.
        Ends by itself and writes to artifacts/demo: received.mp4 (as B saw it), side-by-side.png (sent, received), psnr-bitrate.svg and report.json.

        Examples:
          mlvcrtc demo
          mlvcrtc demo --loss 5 --rtt 150 --kbps 200 --seconds 30
          mlvcrtc demo --input talk.mp4 --size 640x360
          mlvcrtc demo --input camera
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<string?> input = new("--input") { Description = "A's video: a file (repeated when too short), \"camera\" or \"camera:DEVICE\". Default: the demo clip, one person talking.", HelpName = "FILE|camera" };
        Option<double?> loss = SharedOptions.Number("--loss", "PERCENT", "Packets lost at random, each way, 0 .. 100. Default: 2.", 0, 100);
        Option<double?> rtt = SharedOptions.Number("--rtt", "MS", "Round-trip time in milliseconds, 0 .. 2000. Default: 80.", 0, 2000);
        Option<int?> kbps = SharedOptions.Whole("--kbps", "N", "Coded video in kbit/s (1 kbit = 1000 bit), 20 .. 20000. Default: 300.", 20, 20_000);
        Option<double?> seconds = SharedOptions.Number("--seconds", "S", "Length of the call, 1 .. 3600. Default: 12.", 1, 3600);
        Option<PictureSize?> size = SharedOptions.Size("Scale A's video. Default: its own size.");
        Option<int?> seed = SharedOptions.Whole("--seed", "N", "Chooses which packets are lost. Default: 2, whose share of lost packets stays near the asked one from the first seconds on.", 0, int.MaxValue - 1);
        Option<string> output = new("--output") { Description = "Folder for the results.", DefaultValueFactory = _ => Path.Combine("artifacts", "demo"), HelpName = "DIR" };
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        Option<string?> trace = SharedOptions.Trace();
        Option<string?> device = SharedOptions.Device();
        ExplainedCommand command = new("demo", Summary, Details) { input, loss, rtt, kbps, seconds, size, seed, output, model, json, trace, device };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            DemoSettings settings = new(
                parsed.GetValue(input),
                parsed.GetValue(loss) ?? 2,
                TimeSpan.FromMilliseconds(parsed.GetValue(rtt) ?? 80),
                parsed.GetValue(kbps) ?? 300,
                parsed.GetValue(seconds) ?? 12,
                parsed.GetValue(size),
                parsed.GetValue(seed) ?? 2,
                parsed.GetRequiredValue(output),
                parsed.GetValue(trace),
                parsed.GetValue(device));
            DemoRun run = new(surroundings, settings, parsed.GetValue(model), parsed.Typed(), parsed.GetValue(json));
            Print(surroundings.Terminal, run.RunAsync(cancel).GetAwaiter().GetResult(), run.Written);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(Terminal terminal, DemoReport report, IEnumerable<string> written)
    {
        terminal.Out.WriteLine();
        PrintDirection(terminal, "A to B", report);
        PrintDirection(terminal, "B to A", report.Reverse);
        terminal.Say($"peak resident memory {report.PeakResidentMb:0} MB");
        foreach (string path in written)
        {
            terminal.Out.WriteLine($"wrote {path}");
        }
    }

    private static void PrintDirection(Terminal terminal, string name, DirectionReport report)
    {
        string fps = report.Fps.ToString("0.##", CultureInfo.InvariantCulture);
        terminal.Say($"{name}: {report.Width}x{report.Height} at {fps} fps, {report.FramesDecoded} of {report.FramesEncoded} coded frames decoded ({100 * report.DecodedRatio:0.0} %), {report.SendKbps:0} kbit/s sent for a target of {report.TargetKbps}, PSNR {report.MeanPsnrDb:0.0} dB");
        terminal.Say($"        {report.PacketsLost} of {report.PacketsSent} packets lost, {report.Recoveries} recoveries, {report.KeyFrames} key frames, {report.FreezeCount} freezes ({report.FreezeMsTotal:0} ms), latency p50 {report.LatencyMs.P50:0} p95 {report.LatencyMs.P95:0} ms");
        terminal.Say($"        encoder and decoder states differed after {report.StateMismatches} of {report.StatesCompared} decoded frames");
    }
}
