using System.Globalization;
using System.Text.RegularExpressions;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.App.Devices;

/// <summary>
/// The ffmpeg program that reads cameras and files and writes mp4. Looked for in this order: the path in MLVCRTC_FFMPEG; then the newer of the one on PATH
/// and the one beside this program (a static build of 2018 that comes with the default build).
/// </summary>
internal sealed partial class Ffmpeg
{
    public const string OverrideVariable = "MLVCRTC_FFMPEG";

    private static readonly string FileName = OperatingSystem.IsWindows() ? "ffmpeg.exe" : "ffmpeg";

    private readonly Lazy<bool> _hasX264;

    private Ffmpeg(string path, string version, int year)
    {
        Path = path;
        Version = version;
        Year = year;
        _hasX264 = new(() => ChildProcess.Capture(path, ["-hide_banner", "-encoders"]).Contains(" libx264 ", StringComparison.Ordinal));
    }

    /// <summary>Full path of the program.</summary>
    public string Path { get; }

    /// <summary>As its banner says: "5.1.9-0+deb12u1", or "N-47683-g0e8eb07980-static" for a build between releases.</summary>
    public string Version { get; }

    /// <summary>Major and minor of a release; null for a build between releases.</summary>
    public Version? Release =>
        ReleaseNumber().Match(Version) is { Success: true } match ? System.Version.Parse(match.Groups["number"].ValueSpan) : null;

    /// <summary>Last copyright year of its banner: the one age that release and nightly builds both state.</summary>
    public int Year { get; }

    /// <summary>Some builds leave x264 out for its licence.</summary>
    public bool HasX264 => _hasX264.Value;

    /// <param name="named">Value of <see cref="OverrideVariable"/>, or null.</param>
    /// <param name="searchPath">Value of PATH, or null.</param>
    /// <param name="mediaFolder">Folder of the bundled binary.</param>
    /// <exception cref="UserError">None works.</exception>
    public static Ffmpeg Find(string? named, string? searchPath, string mediaFolder)
    {
        if (!string.IsNullOrWhiteSpace(named))
        {
            return TryOpen(named)
                ?? throw new UserError(ExitCode.Failed, $"{OverrideVariable} names {named}, which is not a working ffmpeg. Correct the variable or unset it.");
        }

        Ffmpeg? onPath = (searchPath ?? string.Empty)
            .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => System.IO.Path.Combine(folder, FileName))
            .Where(File.Exists)
            .Select(TryOpen)
            .FirstOrDefault(found => found is not null);
        string bundledPath = System.IO.Path.Combine(mediaFolder, FileName);
        MakeExecutable(bundledPath);
        Ffmpeg? bundled = File.Exists(bundledPath) ? TryOpen(bundledPath) : null;
        return (onPath?.Year ?? 0) >= (bundled?.Year ?? 0) && onPath is not null
            ? onPath
            : bundled ?? throw new UserError(
                ExitCode.Failed,
                $"No ffmpeg was found on PATH or in {mediaFolder}. Install ffmpeg, or set {OverrideVariable} to its path. Raw .yuv, .nv12 and .y4m files work without it.");
    }

    /// <summary>Archives that carried the binary may have dropped its mode bits.</summary>
    private static void MakeExecutable(string path)
    {
        if (OperatingSystem.IsWindows() || !File.Exists(path))
        {
            return;
        }

        UnixFileMode mode = File.GetUnixFileMode(path);
        if ((mode & UnixFileMode.UserExecute) != 0)
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(path, mode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            // A read-only installation: starting it fails next, and Find says what to do.
        }
    }

    private static Ffmpeg? TryOpen(string path)
    {
        try
        {
            Match banner = Banner().Match(ChildProcess.Capture(path, ["-version"]));
            return banner.Success ? new(path, banner.Groups["version"].Value, int.Parse(banner.Groups["year"].ValueSpan, CultureInfo.InvariantCulture)) : null;
        }
        catch (UserError)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^ffmpeg version (?<version>\S{1,80}) .*Copyright \(c\) 2000-(?<year>\d{4})", RegexOptions.CultureInvariant)]
    private static partial Regex Banner();

    [GeneratedRegex(@"^n?(?<number>\d{1,3}\.\d{1,3})", RegexOptions.CultureInvariant)]
    private static partial Regex ReleaseNumber();
}
