using System.Globalization;
using System.Text.RegularExpressions;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Devices;

/// <summary>Size and rate of a file's first video stream, as ffmpeg prints them on stderr (the npm package has no ffprobe).</summary>
internal sealed partial record FfmpegProbe(PictureSize Size, FrameRate Rate)
{
    /// <summary>Rate taken when a file states none: what webcams default to.</summary>
    private static readonly FrameRate AssumedRate = new(30, 1);

    /// <exception cref="UserError">Missing, unreadable, or without a picture.</exception>
    public static FfmpegProbe Of(Ffmpeg ffmpeg, string file)
    {
        if (Directory.Exists(file))
        {
            throw new UserError(ExitCode.BadInput, $"{file} is a folder; give one video file.");
        }

        if (!File.Exists(file))
        {
            throw new UserError(ExitCode.BadInput, $"{file} does not exist. Check the path.");
        }

        string printed = ChildProcess.Capture(ffmpeg.Path, ["-hide_banner", "-nostdin", "-i", file]);
        return Parse(printed)
            ?? throw new UserError(
                ExitCode.BadInput,
                $"{file} is not a video that ffmpeg can read ({LastWord(printed, file)}). Give a video file; raw pictures need the ending .yuv or .nv12 and --size.");
    }

    /// <summary>Reads the "Stream #0:0: Video: ..." line; null when there is none.</summary>
    public static FfmpegProbe? Parse(string printed)
    {
        Match stream = VideoStream().Match(printed);
        Match size = stream.Success ? Dimensions().Match(stream.Value) : Match.Empty;
        if (!size.Success)
        {
            return null;
        }

        int width = int.Parse(size.Groups["w"].ValueSpan, CultureInfo.InvariantCulture);
        int height = int.Parse(size.Groups["h"].ValueSpan, CultureInfo.InvariantCulture);

        // ffmpeg turns the picture upright by itself, so a quarter turn swaps the sides that we receive.
        Match turn = Rotation().Match(printed);
        bool quarterTurn = turn.Success
            && double.TryParse(turn.Groups["deg"].ValueSpan, CultureInfo.InvariantCulture, out double degrees)
            && Math.Abs((Math.Abs(degrees) % 180) - 90) < 1;
        Match fps = Fps().Match(stream.Value);
        string rateText = fps.Success ? fps.Groups["fps"].Value : string.Empty;
        FrameRate rate = FrameRateText.TryParse(rateText, out FrameRate stated) ? stated : AssumedRate;
        return new(quarterTurn ? new(height, width) : new(width, height), rate);
    }

    private static string LastWord(string printed, string file)
    {
        string[] lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string? line = lines.LastOrDefault(text => text.Contains(file, StringComparison.Ordinal) && !text.StartsWith("Input #", StringComparison.Ordinal));
        return line is null ? "it has no video stream" : line[(line.LastIndexOf(": ", StringComparison.Ordinal) + 1)..].Trim();
    }

    [GeneratedRegex(@"Stream #\d+:\d+.*: Video: .*", RegexOptions.CultureInvariant)]
    private static partial Regex VideoStream();

    [GeneratedRegex(@", (?<w>[1-9]\d{0,4})x(?<h>[1-9]\d{0,4})\b", RegexOptions.CultureInvariant)]
    private static partial Regex Dimensions();

    [GeneratedRegex(@" (?<fps>\d+(\.\d+)?) (fps|tbr)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Fps();

    [GeneratedRegex(@"rotation of (?<deg>-?\d+(\.\d+)?) degrees", RegexOptions.CultureInvariant)]
    private static partial Regex Rotation();
}
