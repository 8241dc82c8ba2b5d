namespace MlvcRtc.App.Evaluation;

/// <summary>What the user asked of an evaluation.</summary>
/// <param name="Inputs">Video files.</param>
/// <param name="Frames">Pictures of each clip at most.</param>
/// <param name="Anchors">Names; null = all that there are.</param>
/// <param name="Qps">Points of our curve, best first.</param>
/// <param name="Model">Bundle; null = the default.</param>
/// <param name="Device">What runs ours; models among the anchors run on the processor in floats.</param>
/// <param name="Output">Folder for pictures; null = none are drawn.</param>
/// <param name="Json">Report; null = none.</param>
internal sealed record EvaluationSettings(
    IReadOnlyList<string> Inputs, int Frames, IReadOnlyList<string>? Anchors, IReadOnlyList<int> Qps, string? Model, string Device, string? Output, string? Json)
{
    /// <summary>3.2 s at 30 frames/s: as long as the shortest test clip.</summary>
    public const int DefaultFrames = 96;

    /// <summary>The range that makes a difference (18..48).</summary>
    public static readonly IReadOnlyList<int> DefaultQps = [18, 24, 30, 36, 42, 48];

    /// <summary>Endings of the files that are taken from a folder.</summary>
    private static readonly string[] VideoEndings = [".AVI", ".M4V", ".MKV", ".MOV", ".MP4", ".WEBM", ".Y4M"];

    /// <summary>The videos that a file or folder means, in order of their names.</summary>
    /// <exception cref="CommandLine.UserError">There is none.</exception>
    public static IReadOnlyList<string> FilesOf(string input)
    {
        if (!Directory.Exists(input))
        {
            return [input];
        }

        string[] files = [.. Directory.EnumerateFiles(input).Where(file => VideoEndings.Contains(Path.GetExtension(file).ToUpperInvariant())).Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? files
            : throw new CommandLine.UserError(CommandLine.ExitCode.BadInput, $"{input} holds no video ({string.Join(", ", VideoEndings).ToLowerInvariant()}).");
    }
}
