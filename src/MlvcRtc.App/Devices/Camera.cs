using System.Text.RegularExpressions;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Devices;

/// <summary>A camera by the name that its operating system gives it, read through ffmpeg's capture devices.</summary>
internal sealed partial class Camera
{
    /// <summary>What the user writes instead of a file: "camera", or "camera:DEVICE".</summary>
    public const string Word = "camera";

    private readonly string _format;
    private readonly string _device;

    private Camera(string format, string device)
    {
        _format = format;
        _device = device;
    }

    public string Name => $"camera {_device}";

    public static bool IsNamedBy(string input) =>
        input == Word || input.StartsWith(Word + ":", StringComparison.Ordinal);

    /// <param name="ffmpeg">Lists the devices where the system has no list of its own.</param>
    /// <param name="input">"camera" for the first one, "camera:DEVICE" for a certain one.</param>
    /// <exception cref="UserError">There is none.</exception>
    public static Camera Find(Ffmpeg ffmpeg, string input)
    {
        string? named = input.Length > Word.Length ? input[(Word.Length + 1)..] : null;
        if (OperatingSystem.IsWindows())
        {
            return new("dshow", "video=" + (named ?? FirstDirectShowCamera(ffmpeg)));
        }

        if (OperatingSystem.IsMacOS())
        {
            return new("avfoundation", (named ?? "0") + ":none");
        }

        string device = named ?? FirstVideoNode();
        return File.Exists(device)
            ? new("v4l2", device)
            : throw new UserError(ExitCode.BadInput, $"There is no camera {device}. List them with 'ls /dev/video*', or give a video file with --input FILE.");
    }

    public string[] InputArguments(FrameRate rate) =>
        _format == "avfoundation"
            ? ["-f", _format, "-framerate", rate.ToText(), "-pixel_format", "nv12", "-i", _device]
            : ["-f", _format, "-framerate", rate.ToText(), "-i", _device];

    private static string FirstVideoNode() =>
        Directory.EnumerateFiles("/dev", "video*").Order(StringComparer.Ordinal).FirstOrDefault() ?? throw NoCamera();

    private static string FirstDirectShowCamera(Ffmpeg ffmpeg)
    {
        // Builds before 5.0 print a heading per kind, later ones "(video)" behind each name; the first quoted name is a camera in both when there is one.
        string printed = ChildProcess.Capture(ffmpeg.Path, ["-hide_banner", "-nostdin", "-list_devices", "true", "-f", "dshow", "-i", "dummy"]);
        int audio = printed.IndexOf("DirectShow audio devices", StringComparison.Ordinal);
        Match first = QuotedName().Match(audio < 0 ? printed : printed[..audio]);
        return first.Success && !first.Value.EndsWith("(audio)", StringComparison.Ordinal) ? first.Groups["name"].Value : throw NoCamera();
    }

    private static UserError NoCamera() =>
        new(ExitCode.BadInput, "No camera was found. Connect one, name it with --input camera:DEVICE, or give a video file with --input FILE.");

    [GeneratedRegex("\\] +\"(?<name>[^\"]+)\"( \\((video|audio)\\))?", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedName();
}
