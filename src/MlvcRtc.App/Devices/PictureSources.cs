using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Devices;

/// <summary>Chooses the reader for what the user named: a camera, raw pictures by their ending, else anything that ffmpeg reads.</summary>
internal static class PictureSources
{
    /// <summary>Rate taken for raw files without --fps, which carry none.</summary>
    private static readonly FrameRate AssumedRate = new(30, 1);

    /// <summary>Size asked of a camera without --size: what every webcam has.</summary>
    private static readonly PictureSize AssumedCameraSize = new(640, 480);

    /// <summary>Before an input: read it by SIPSorceryMedia.FFmpeg.</summary>
    private const string ByLibrary = "sipsorcery:";

    /// <param name="surroundings">For ffmpeg.</param>
    /// <param name="input">A file, "camera" or "camera:DEVICE"; with "sipsorcery:" before it, by that library.</param>
    /// <param name="size">--size: the size of raw pictures; others are scaled to it.</param>
    /// <param name="rate">--fps.</param>
    /// <param name="start">Where to begin in a video file; raw files and cameras ignore it.</param>
    /// <param name="loop">Begin again at the end of a video file.</param>
    /// <exception cref="UserError">It cannot be read.</exception>
    public static IPictureSource Open(Surroundings surroundings, string input, PictureSize? size, FrameRate? rate, TimeSpan start = default, bool loop = false)
    {
        if (input.StartsWith(ByLibrary, StringComparison.Ordinal))
        {
            string behind = input[ByLibrary.Length..];
#if PUBLIC_FEED
            return loop ? SipSorcery.SipSorcerySource.Open(behind, size) : throw new UserError(ExitCode.BadInput, $"'{ByLibrary}' plays in real time and is for calls. Give the input itself: {behind}");
#else
            throw new UserError(ExitCode.BadInput, $"SIPSorceryMedia.FFmpeg is not in this build. Build with -p:PublicFeed=true where its package restores, or give the input itself: {behind}");
#endif
        }

        if (Camera.IsNamedBy(input))
        {
            return FfmpegSource.OpenCamera(surroundings.Ffmpeg, Camera.Find(surroundings.Ffmpeg, input), size ?? AssumedCameraSize, rate ?? AssumedRate);
        }

        string ending = Path.GetExtension(input).ToUpperInvariant();
        if (ending is ".YUV" or ".I420" or ".NV12")
        {
            return size is { } stated
                ? ClipFileSource.OpenRaw(input, stated, rate ?? AssumedRate)
                : throw new UserError(ExitCode.BadInput, $"{input} holds raw pictures, whose size is not in the file. Add --size WxH (and --fps N).");
        }

        return ending == ".Y4M" && size is null && rate is null && !loop && start == default
            ? ClipFileSource.OpenY4m(input)
            : FfmpegSource.OpenFile(surroundings.Ffmpeg, input, size, rate, start, loop);
    }
}
