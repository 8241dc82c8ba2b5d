using System.CommandLine;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Evaluation;
using MlvcRtc.App.Interop;

namespace MlvcRtc.App.Verbs;

/// <summary>'interop': streams of one kind of machine, decoded on others.</summary>
internal static class InteropVerb
{
    private const int DefaultFrames = 300;
    private const int DefaultQp = 32;

    private const string Summary = "Encode under each numeric environment of this machine and decode under every other.";

    private const string Details = """
        Sums of floats come out a little different from machine to machine. Scales are sent, so that every decoder finds every symbol all the same; pictures may drift apart. This measures how far:
        environments are full precision with and without graph rewrites and threads, weights rounded to binary16 and bfloat16, and the graphs in integers where the model has them. One key frame, then predicted frames; a clip that is too short is
        played forward and backward. Where a pair loses more than 0.5 dB, key frames are put in as often as that asks for, and their price is told.

        Examples:
          mlvcrtc interop --out artifacts/interop.png --json interop.json
          mlvcrtc interop --input clips/ --size 320x180 --frames 300
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<string?> input = new("--input") { Description = "A video, or a folder of videos. Default: the demo clip.", HelpName = "FILE|DIR" };
        Option<PictureSize?> size = SharedOptions.Size("Scale the pictures to this size.");
        Option<int?> frames = SharedOptions.Whole("--frames", "N", $"Frames of each clip, 10 .. 100000. Default: {DefaultFrames}.", 10, 100_000);
        Option<int?> qp = SharedOptions.Whole("--qp", "N", $"Quantisation parameter, 0 .. 51. Default: {DefaultQp}.", 0, 51);
        Option<string?> output = new("--out") { Description = "Draw the matrix into this PNG.", HelpName = "FILE" };
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("interop", Summary, Details) { input, size, frames, qp, output, model, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            InteropSettings settings = new(
                EvaluationSettings.FilesOf(parsed.GetValue(input) ?? surroundings.DemoClip),
                parsed.GetValue(size),
                parsed.GetValue(frames) ?? DefaultFrames,
                parsed.GetValue(qp) ?? DefaultQp,
                parsed.GetValue(model),
                parsed.GetValue(output),
                parsed.GetValue(json));
            new InteropRun(surroundings, settings, parsed.Typed()).Run(cancel);
            return ExitCode.Ok;
        });
        return command;
    }
}
