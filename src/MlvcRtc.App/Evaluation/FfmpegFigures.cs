using System.Globalization;
using System.Text.RegularExpressions;

namespace MlvcRtc.App.Evaluation;

/// <summary>Reads what ffmpeg prints about its own work.</summary>
internal static partial class FfmpegFigures
{
    /// <summary>User and system time of the line that -benchmark ends with, "bench: utime=0.210s stime=0.056s rtime=0.268s"; null when there is none.</summary>
    public static TimeSpan? ProcessorTime(IEnumerable<string> lines)
    {
        Match found = lines.Select(line => Benchmark().Match(line)).LastOrDefault(match => match.Success) ?? Match.Empty;
        return found.Success ? Seconds(found.Groups["user"]) + Seconds(found.Groups["system"]) : null;
    }

    /// <summary>
    /// Packets in the table of the framecrc muxer: "stream, dts, pts, duration, size, crc[, F=flags]", comments with #. A packet whose flags are not printed is a key frame
    /// (AV_PKT_FLAG_KEY is what the muxer leaves out).
    /// </summary>
    public static (int Packets, int KeyFrames, long Bytes) Packets(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        (int packets, int keyFrames, long bytes) = (0, 0, 0);
        foreach (Match row in Row().Matches(table))
        {
            packets++;
            keyFrames += row.Groups["flags"].Success ? 0 : 1;
            bytes += long.Parse(row.Groups["size"].ValueSpan, CultureInfo.InvariantCulture);
        }

        return (packets, keyFrames, bytes);
    }

    private static TimeSpan Seconds(Group digits) => TimeSpan.FromSeconds(double.Parse(digits.ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"bench: utime=(?<user>\d+(\.\d+)?)s stime=(?<system>\d+(\.\d+)?)s", RegexOptions.CultureInvariant)]
    private static partial Regex Benchmark();

    [GeneratedRegex(@"^0, *-?\d+, *-?\d+, *\d+, *(?<size>\d{1,9}), *0x[0-9a-f]{8}(?<flags>, *F=0x[0-9a-fA-F]+)?", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Row();
}
