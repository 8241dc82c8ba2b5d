using System.Text.RegularExpressions;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Evaluation;

/// <summary>An anchor: another codec, run through ffmpeg.</summary>
internal sealed partial class FfmpegCodec(Ffmpeg ffmpeg, AnchorRecipe recipe) : IRatedCodec
{
    /// <summary>Lines of stderr kept: the benchmark's stands before what x264 and x265 say in farewell, some thirty lines.</summary>
    private const int KeptLines = 200;

    /// <summary>Words of the lines that name a cause; the last lines only say that there was one.</summary>
    private static readonly string[] CauseWords = ["Cannot", "cannot", "No such", "No capable", "not found", "Unknown", "Unrecognized", "rror ", "nvalid"];

    public string Name => recipe.Name;

    public IReadOnlyList<double> Settings => recipe.Settings;

    public double SettingStep => recipe.WholeSettings ? 1 : 0.1;

    public RatedRun Run(EvaluationClip clip, double setting, int? keep, CancellationToken cancel)
    {
        string file = clip[$"{recipe.Name}.{recipe.Container}"];
        double encodeMs = Encode(clip, setting, file, cancel);
        (int packets, int keyFrames, long bytes) = Measure(file);
        QualityMeter meter = new(clip.Pictures, keep);
        double decodeMs = Decode(clip, file, meter, cancel);
        if (meter.Count != clip.Pictures.Count)
        {
            throw Failed($"{packets} packets and {meter.Count} pictures came of {clip.Pictures.Count}");
        }

        RatedPoint point = new(
            recipe.Label(setting), Math.Round(bytes * 8 / 1000.0 / clip.Seconds, 3), meter.Psnr611Db, meter.PsnrYDb, meter.Msssim, encodeMs, decodeMs, keyFrames);
        return new(point, meter.Kept);
    }

    private double Encode(EvaluationClip clip, double setting, string file, CancellationToken cancel)
    {
        string[] arguments =
        [
            "-hide_banner", "-nostdin", "-nostats", "-y", "-benchmark",
            "-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", clip.Size.ToString(), "-framerate", clip.Rate.ToText(), "-i", clip.RawFile,
            "-c:v", recipe.Encoder, "-threads", "1", .. recipe.Arguments, .. recipe.Quality(setting), "-f", recipe.Container, file,
        ];
        using ChildProcess child = new(ffmpeg.Path, arguments, keptLines: KeptLines);
        using CancellationTokenRegistration registration = cancel.Register(child.Kill);
        child.Output.CopyTo(Stream.Null);
        return Finish(child, clip, file, cancel);
    }

    /// <summary>Bytes of the packets, without what <see cref="AnchorRecipe.UncountedUnits"/> names.</summary>
    private (int Packets, int KeyFrames, long Bytes) Measure(string file)
    {
        string[] filter = recipe.UncountedUnits is { } units ? ["-bsf:v", $"filter_units=remove_types={units}"] : [];
        using ChildProcess child = new(ffmpeg.Path, ["-hide_banner", "-nostdin", "-loglevel", "error", "-i", file, "-c", "copy", .. filter, "-f", "framecrc", "-"]);
        using StreamReader reader = new(child.Output);
        (int Packets, int KeyFrames, long Bytes) sum = FfmpegFigures.Packets(reader.ReadToEnd());
        return child.WaitForExit() == 0 && sum.Packets > 0 ? sum : throw Failed(FfmpegComplaint.Summary(child.Tail, file) ?? "its packets could not be counted");
    }

    private double Decode(EvaluationClip clip, string file, QualityMeter meter, CancellationToken cancel)
    {
        string[] arguments = ["-hide_banner", "-nostdin", "-nostats", "-benchmark", "-threads", "1", "-i", file, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"];
        using ChildProcess child = new(ffmpeg.Path, arguments, keptLines: KeptLines);
        using CancellationTokenRegistration registration = cancel.Register(child.Kill);
        VideoFrame picture = new(clip.Size.Width, clip.Size.Height);
        while (meter.Count < clip.Pictures.Count && child.Output.ReadAtLeast(picture.Samples, picture.Samples.Length, throwOnEndOfStream: false) == picture.Samples.Length)
        {
            meter.Add(picture);
        }

        child.Output.CopyTo(Stream.Null);
        return Finish(child, clip, file, cancel);
    }

    /// <returns>Milliseconds of processor time per picture.</returns>
    private double Finish(ChildProcess child, EvaluationClip clip, string file, CancellationToken cancel)
    {
        int exitCode = child.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        string[] said = child.Tail;
        if (exitCode != 0)
        {
            string? cause = said.FirstOrDefault(line => CauseWords.Any(word => line.Contains(word, StringComparison.Ordinal))) ?? FfmpegComplaint.Summary(said, file);
            throw Failed(cause is null ? $"exit code {exitCode}" : Origin().Replace(cause, string.Empty));
        }

        TimeSpan time = FfmpegFigures.ProcessorTime(said) ?? throw Failed("this ffmpeg does not tell its processor time");
        return Math.Round(time.TotalMilliseconds / clip.Pictures.Count, 3);
    }

    [GeneratedRegex(@"^\[\w+ @ 0x[0-9a-f]+\] ", RegexOptions.CultureInvariant)]
    private static partial Regex Origin();

    /// <summary>The inner exception holds the cause alone.</summary>
    private UserError Failed(string cause) =>
        new(ExitCode.Failed, $"The anchor {recipe.Name} failed ({cause}). Leave it out with --anchors.", new InvalidOperationException(cause));
}
