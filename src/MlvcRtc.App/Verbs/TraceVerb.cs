using System.CommandLine;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Tracing;

namespace MlvcRtc.App.Verbs;

/// <summary>'trace': a picture of a trace file, for where Perfetto is not at hand.</summary>
internal static class TraceVerb
{
    private const string Summary = "Draw a part of a trace that --trace of another command has written.";

    private const string Details = """
        Each lane is a stage, each bar a frame. The whole trace, with arrows and figures, opens in a browser at https://ui.perfetto.dev.

        Examples:
          mlvcrtc demo --trace trace.json
          mlvcrtc trace trace.json --output trace.png --from 3 --ms 300
        """;

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> input = new("FILE") { Description = "The trace." };
        Option<string> output = new("--output") { Description = "The picture, .png.", Required = true, HelpName = "FILE.png" };
        Option<double?> from = SharedOptions.Number("--from", "S", "Seconds from the first frame, 0 .. 86400. Default: 1.", 0, 86_400);
        Option<double?> length = SharedOptions.Number("--ms", "N", "Length in milliseconds, 10 .. 10000. Default: 300.", 10, 10_000);
        ExplainedCommand command = new("trace", Summary, Details) { input, output, from, length };
        command.Runs(surroundings, (parsed, _) =>
        {
            string path = parsed.GetRequiredValue(input);
            if (!File.Exists(path))
            {
                throw new UserError(ExitCode.BadInput, $"{path} does not exist. Write one with: mlvcrtc demo --trace {path}");
            }

            Lab.Drawing.RgbImage picture = TracePicture.Draw(
                File.ReadAllText(path), TimeSpan.FromSeconds(parsed.GetValue(from) ?? 1), TimeSpan.FromMilliseconds(parsed.GetValue(length) ?? 300));
            using OutputFile file = new(parsed.GetRequiredValue(output));
            file.Guard(() => Lab.Drawing.PngWriter.Write(file.Stream, picture));
            file.Complete();
            surroundings.Terminal.Out.WriteLine($"wrote {parsed.GetRequiredValue(output)}");
            return ExitCode.Ok;
        });
        return command;
    }
}
