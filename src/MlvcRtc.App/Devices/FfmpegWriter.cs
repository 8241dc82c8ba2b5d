using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Pictures to an mp4 file, H.264 at a quality where the recompression does not show.</summary>
internal sealed class FfmpegWriter : IPictureWriter
{
    /// <summary>x264's "visually lossless" neighbourhood (its guide names 17–18), a little below it.</summary>
    private const int ConstantRateFactor = 16;

    private readonly string _path;
    private readonly string _partPath;
    private readonly PictureSize _size;
    private readonly ChildProcess _child;
    private bool _completed;

    public FfmpegWriter(Ffmpeg ffmpeg, string path, PictureSize size, FrameRate rate)
    {
        _path = path;
        _size = size;
        _partPath = OutputFile.PartPathOf(path);

        // MPEG-4 part 2 is in every build, for those without x264.
        string[] codec = ffmpeg.HasX264
            ? ["-c:v", "libx264", "-preset", "veryfast", "-crf", ConstantRateFactor.ToString(CultureInfo.InvariantCulture)]
            : ["-c:v", "mpeg4", "-q:v", "2"];
        _child = new(
            ffmpeg.Path,
            [
                "-hide_banner", "-loglevel", "error", "-y",
                "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size.ToString(), "-r", rate.ToText(), "-i", "-",
                .. codec, "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", _partPath,
            ],
            feed: true);
    }

    public void Write(VideoFrame picture)
    {
        if (picture.Width != _size.Width || picture.Height != _size.Height)
        {
            throw new UserError(ExitCode.Failed, $"The stream changes its picture size from {_size} to {picture.Width}x{picture.Height}; an mp4 file holds one size. Decode it to .yuv instead.");
        }

        try
        {
            _child.Input.Write(picture.Samples);
        }
        catch (IOException cause)
        {
            throw Failed(cause);
        }
    }

    public void Complete()
    {
        try
        {
            _child.Input.Dispose();
            if (_child.WaitForExit() != 0 || FfmpegComplaint.TellsOfAFailedWrite(_child.Tail))
            {
                throw Failed(null);
            }

            OutputFile.Publish(_path);
            _completed = true;
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw Failed(cause);
        }
    }

    public void Dispose()
    {
        _child.Dispose();
        if (!_completed)
        {
            OutputFile.Abandon(_path);
        }
    }

    private UserError Failed(Exception? cause)
    {
        _child.Kill();
        _child.WaitForExit();
        return OutputFile.CannotWrite(_path, FfmpegComplaint.Summary(_child.Tail, _partPath) ?? cause?.Message ?? "ffmpeg failed", cause);
    }
}
