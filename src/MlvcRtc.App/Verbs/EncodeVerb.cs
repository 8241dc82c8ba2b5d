using System.CommandLine;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Streams;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.References;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Verbs;

/// <summary>'encode': pictures to an .mlvc stream.</summary>
internal static class EncodeVerb
{
    private const string Summary = "Code a video as an .mlvc stream.";

    private const string Details = """
        INPUT is anything ffmpeg reads, raw pictures (.yuv I420, .nv12: with --size), .y4m, or "camera".
        The stream holds neither times nor a frame rate: remember the rate for decoding.

        Examples:
          mlvcrtc encode talk.mp4 talk.mlvc --kbps 300
          mlvcrtc encode raw.yuv out.mlvc --size 640x360 --fps 30 --qp 32 --json out.json
          mlvcrtc encode talk.mp4 talk.mlvc --crf 30
          mlvcrtc encode camera me.mlvc --frames 300 --gop call --temporal-layers 2
        """;

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> input = new("INPUT") { Description = "A video file, raw pictures, or \"camera\"." };
        Argument<string> output = new("OUTPUT") { Description = "The stream to write, usually *.mlvc. It appears whole or not at all." };
        Option<int?> qp = SharedOptions.Whole("--qp", "N", "Constant quality: quantisation parameter, 0 (best) .. 51; 18..48 make a difference. Default: 32.", 0, 51);
        Option<int?> crf = SharedOptions.Whole("--crf", "N", "Constant rate factor instead, 0 (best) .. 51: frames that others build on are better than QP N, those in between coarser. About a fifth fewer bits at equal mean quality.", 0, 51);
        Option<int?> kbps = SharedOptions.Whole("--kbps", "N", "Constant rate instead: kbit/s (1 kbit = 1000 bit), 1 .. 100000. Pictures are skipped when even the highest QP is too large.", 1, 100_000);
        Option<PictureSize?> size = SharedOptions.Size("Size of raw pictures; other inputs are scaled to it. Even, 64x64 .. 1920x1080, portrait too.");
        Option<FrameRate?> rate = SharedOptions.Rate("Pictures per second; default: the input's own, 30 for raw pictures.");
        Option<int?> frames = SharedOptions.Whole("--frames", "N", "Stop after so many pictures.", 1, int.MaxValue);
        Option<string> gop = new("--gop") { Description = "'file': a key frame every 1024 frames, chains renewed from long-term references. 'call': one key frame, then none.", DefaultValueFactory = _ => "file", HelpName = "file|call" };
        gop.AcceptOnlyFromAmong("file", "call");
        Option<int?> layers = SharedOptions.Whole("--temporal-layers", "1|2", "With 2, every second frame can be left out without harm. Default: 1.", 1, 2);
        Option<string> ltr = new("--ltr") { Description = "Long-term references of a 'file': 'off' keeps none.", DefaultValueFactory = _ => "on", HelpName = "on|off" };
        ltr.AcceptOnlyFromAmong("on", "off");
        Option<string?> model = SharedOptions.Model();
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("encode", Summary, Details) { input, output, qp, crf, kbps, size, rate, frames, gop, layers, ltr, model, json };
        command.Validators.Add(result =>
        {
            if (new[] { qp, crf, kbps }.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("--qp, --crf and --kbps exclude each other: choose one quality for all frames, quality by place, or a constant rate.");
            }
        });
        command.Runs(surroundings, (parsed, cancel) =>
        {
            ModelBundle bundle = BundleOpening.Open(parsed.GetValue(model));
            using IPictureSource source = PictureSources.Open(surroundings, parsed.GetRequiredValue(input), parsed.GetValue(size), parsed.GetValue(rate));
            EncodeSettings settings = new(
                parsed.GetRequiredValue(output),
                parsed.GetValue(qp),
                parsed.GetValue(crf),
                parsed.GetValue(kbps),
                parsed.GetValue(frames),
                Pattern(parsed.GetRequiredValue(gop), parsed.GetValue(layers) ?? 1, parsed.GetRequiredValue(ltr) == "on"));
            EncodeReport report = new FileEncoding(surroundings, bundle, source, settings).Run(cancel);
            if (parsed.GetValue(json) is { } file)
            {
                ReportFile.Write(file, ReportFile.Render(report, bundle.ToReport(), parsed.Typed(), surroundings.Time));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static GopOptions Pattern(string gop, int layers, bool longTerm) => gop switch
    {
        "call" => GopOptions.ForCall(layers),
        _ when longTerm => GopOptions.ForFile(layers),
        _ => GopOptions.ForFile(layers) with { LtrStart = 0, LtrPeriod = 0, LtrSlotCount = 0, LtrRecoveryPeriod = 0 },
    };
}
