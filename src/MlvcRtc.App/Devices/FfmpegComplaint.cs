namespace MlvcRtc.App.Devices;

/// <summary>Finds the line that tells a person something among those that ffmpeg leaves behind.</summary>
internal static class FfmpegComplaint
{
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
