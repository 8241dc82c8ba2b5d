using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Evaluation;
using MlvcRtc.App.Models;

namespace MlvcRtc.App.Verbs;

/// <summary>'evaluate': how many bits our codec needs for a quality, and how many others do.</summary>
internal static class EvaluateVerb
{
    private const string Summary = "Compare the codec with x264, x265, VP9 and AV1 on clips: rate, quality, time.";

    private const string Details = """
        Codes every clip at several qualities with our codec and, in the same run, with the anchors through ffmpeg 5.1 or newer. All as in a call: no looking ahead, one key frame,
        constant quality (ours as 'encode --crf', anchors by their constant rate factor or quantiser), one thread. Bytes are real: access units and RTP descriptors for ours, packets for the anchors. Prints mean BD-rates (Bjontegaard, piecewise cubic; negative = fewer
        bits than the anchor) and processor time per frame.

        Anchors: x264-veryfast, x264-medium, x265-ultrafast, x265-medium, vp9-rt8, av1-rt8, encoders in hardware (h264_nvenc, h264_qsv, h264_amf), or the id of another model. What does
        not run here is named with its reason.

        Examples:
          mlvcrtc evaluate --input clips/ --json evaluate.json --out artifacts/evaluate
          mlvcrtc evaluate --input talk.mp4 --frames 48 --anchors x264-veryfast,av1-rt8
          mlvcrtc evaluate --input clips/ --model mlvc-xs-onnx-generic-v0.209 --anchors mlvc-xs-onnx-generic-v0.200
          mlvcrtc evaluate --input clips/ --device cpu-int8 --anchors mlvc-xs-onnx-generic-v0.200
        """;

    public static Command Create(Surroundings surroundings)
    {
        Option<string?> input = new("--input") { Description = "A video, or a folder of videos. Default: the demo clip.", HelpName = "FILE|DIR" };
        Option<int?> frames = SharedOptions.Whole("--frames", "N", $"Pictures of each clip at most, 2 .. 1000. Default: {EvaluationSettings.DefaultFrames}.", 2, 1000);
        Option<string> anchors = new("--anchors") { Description = "Names, joined by commas; all or none. Default: all.", DefaultValueFactory = _ => "all", HelpName = "LIST" };
        Option<string?> qps = new("--qp") { Description = $"Our points: at least two constant rate factors, 0 .. 51. Default: {string.Join(',', EvaluationSettings.DefaultQps)}.", HelpName = "LIST" };
        Option<string?> output = new("--out") { Description = "Folder for plots and close-ups. Default: none are drawn.", HelpName = "DIR" };
        Option<string> device = new("--device") { Description = "What our model runs on, untested. Default: cpu.", DefaultValueFactory = _ => "cpu", HelpName = string.Join('|', Device.All.Select(known => known.Name)) };
        device.AcceptOnlyFromAmong([.. Device.All.Select(known => known.Name)]);
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("evaluate", Summary, Details) { input, frames, anchors, qps, output, model, device, json };
        command.Runs(surroundings, (parsed, cancel) =>
        {
            EvaluationSettings settings = new(
                EvaluationSettings.FilesOf(parsed.GetValue(input) ?? surroundings.DemoClip),
                parsed.GetValue(frames) ?? EvaluationSettings.DefaultFrames,
                parsed.GetRequiredValue(anchors) switch { "all" => null, "none" => [], var list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) },
                parsed.GetValue(qps) is { } given ? Qps(given) : EvaluationSettings.DefaultQps,
                parsed.GetValue(model),
                parsed.GetRequiredValue(device),
                parsed.GetValue(output),
                parsed.GetValue(json));
            new EvaluationRun(surroundings, settings, parsed.Typed()).Run(cancel);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Best quality first, each once.</summary>
    private static int[] Qps(string list)
    {
        int[] qps = [.. list.Split(',', StringSplitOptions.TrimEntries)
            .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int qp) && qp <= 51
                ? qp
                : throw new UserError(ExitCode.BadInput, $"--qp {list}: '{text}' is no QP; give whole numbers, 0 .. 51, joined by commas."))
            .Distinct().Order()];
        return qps.Length >= 2 ? qps : throw new UserError(ExitCode.BadInput, $"--qp {list}: a curve needs two QPs at least.");
    }
}
