namespace MlvcRtc.App.Devices;

/// <summary>Finds the line that tells a person something among those that ffmpeg leaves behind.</summary>
internal static class FfmpegComplaint
{
    /// <summary>ffmpeg up to 5 exits with 0 although the end of the file found no space; its messages tell.</summary>
    public static bool TellsOfAFailedWrite(IReadOnlyList<string> tail) =>
        tail.Any(line => line.Contains("No space left", StringComparison.Ordinal)
            || line.Contains("Error writing", StringComparison.Ordinal)
            || line.Contains("Input/output error", StringComparison.Ordinal));

    /// <summary>The cause in a few words.</summary>
    /// <param name="tail">The last lines of stderr.</param>
    /// <param name="path">The file as ffmpeg knew it, to be left out of the sentence.</param>
    /// <returns>Null when it said nothing.</returns>
    public static string? Summary(IReadOnlyList<string> tail, string path)
    {
        string? line = tail.FirstOrDefault(text => text.Contains("No space left", StringComparison.Ordinal))
            ?? tail.FirstOrDefault(text => text.Contains(path, StringComparison.Ordinal))
            ?? (tail.Count > 0 ? tail[^1] : null);
        int colon = line?.LastIndexOf(": ", StringComparison.Ordinal) ?? -1;
        return colon < 0 ? line : line![(colon + 2)..];
    }
}
