using System.CommandLine;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Streams;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Verbs;

/// <summary>'decode': an .mlvc stream to pictures.</summary>
internal static class DecodeVerb
{
    private const string Summary = "Decode an .mlvc stream.";

    private const string Details = """
        The ending of OUTPUT chooses the format: .mp4 (H.264), .y4m, .yuv (I420) or .nv12.
        A damaged or cut stream is decoded as far as it goes; the exit code is then 3.

        Examples:
          mlvcrtc decode talk.mlvc talk.mp4 --fps 24
          mlvcrtc decode talk.mlvc talk.yuv
        """;

    /// <summary>Rate written into the output when none is given: what webcams send.</summary>
    private static readonly FrameRate AssumedRate = new(30, 1);

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> input = new("INPUT") { Description = "An .mlvc stream." };
        Argument<string> output = new("OUTPUT") { Description = "A .mp4, .y4m, .yuv or .nv12 file. It appears whole or not at all." };
        Option<FrameRate?> rate = SharedOptions.Rate("Pictures per second to write into .mp4 and .y4m; a stream holds none. Default: 30.");
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        model.Description = "Bundle to use; default: the one that the stream names.";
        ExplainedCommand command = new("decode", Summary, Details) { input, output, rate, model, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            string from = parsed.GetRequiredValue(input);
            string to = parsed.GetRequiredValue(output);
            PictureWriters.CheckEnding(to);
            IReadOnlyList<ModelBundle> bundles = parsed.GetValue(model) is { } wanted ? [BundleOpening.Open(wanted)] : StreamModelBundles.Open(from);
            FileDecoding decoding = new(surroundings, from, to, parsed.GetValue(rate) ?? AssumedRate);
            DecodeReport report = decoding.Run(bundles, cancel);
            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(report, bundles[0].ToReport(), parsed.Typed(), surroundings.Time));
            }

            return decoding.Fault is { } fault ? throw new UserError(ExitCode.Damaged, fault) : ExitCode.Ok;
        });
        return command;
    }
}
