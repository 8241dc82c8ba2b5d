using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Pictures of any file or camera that ffmpeg can read, as I420 through a pipe.</summary>
internal sealed class FfmpegSource : IPictureSource
{
    private readonly Ffmpeg _ffmpeg;
    private readonly string[] _arguments;
    private readonly bool _loop;
    private ChildProcess _child;
    private long _picturesOfThisPass;

    private FfmpegSource(Ffmpeg ffmpeg, string name, string[] arguments, PictureSize size, FrameRate rate, bool loop, string? notice)
    {
        _ffmpeg = ffmpeg;
        _arguments = arguments;
        _loop = loop;
        Name = name;
        Size = size;
        Rate = rate;
        Notice = notice;
        _child = new(ffmpeg.Path, arguments);
    }

    public PictureSize Size { get; }

    public FrameRate Rate { get; }

    public string Name { get; }

    public string? Notice { get; private set; }

    /// <summary>Opens a video file.</summary>
    /// <param name="ffmpeg">The program that reads it.</param>
    /// <param name="file">Any file that ffmpeg reads.</param>
    /// <param name="size">Scale to this size; null keeps the file's own, made even.</param>
    /// <param name="rate">Pictures per second; null keeps the file's own.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="loop">Begin again at the end, for ever.</param>
    /// <exception cref="UserError">Missing, or not a video.</exception>
    public static FfmpegSource OpenFile(Ffmpeg ffmpeg, string file, PictureSize? size, FrameRate? rate, TimeSpan start = default, bool loop = false)
    {
        FfmpegProbe probe = FfmpegProbe.Of(ffmpeg, file);
        PictureSize shown = size ?? probe.Size.FlooredToEven;
        string? notice = size is null && !probe.Size.IsEven
            ? $"{file} is {probe.Size}; 4:2:0 video needs even sides, so it is scaled to {shown}."
            : null;
        FrameRate shownRate = rate ?? probe.Rate;
        List<string> arguments = ["-hide_banner", "-nostdin", "-loglevel", "error"];
        if (start > TimeSpan.Zero)
        {
            arguments.AddRange(["-ss", start.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)]);
        }

        arguments.AddRange(["-i", file, "-an", "-sn", "-dn", "-vf", Filter(shown, rate)]);
        return new(ffmpeg, file, [.. arguments, .. RawOutput], shown, shownRate, loop, notice);
    }

    /// <summary>Opens a camera; the picture is scaled and cropped to fill <paramref name="size"/>.</summary>
    public static FfmpegSource OpenCamera(Ffmpeg ffmpeg, Camera camera, PictureSize size, FrameRate rate)
    {
        string[] arguments =
        [
            "-hide_banner", "-nostdin", "-loglevel", "error",
            .. camera.InputArguments(rate),
            "-an", "-vf",
            $"scale={size.Width}:{size.Height}:force_original_aspect_ratio=increase,crop={size.Width}:{size.Height},fps={rate.ToText()}",
            .. RawOutput,
        ];
        return new(ffmpeg, camera.Name, arguments, size, rate, loop: false, notice: null);
    }

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        picture.Resize(Size.Width, Size.Height);
        while (true)
        {
            int read = ReadWhole(picture.Samples, cancel);
            if (read == picture.Samples.Length)
            {
                _picturesOfThisPass++;
                return true;
            }

            cancel.ThrowIfCancellationRequested();
            if (!EndOfPass(read))
            {
                return false;
            }
        }
    }

    public void Dispose() => _child.Dispose();

    private static string[] RawOutput => ["-pix_fmt", "yuv420p", "-f", "rawvideo", "-"];

    /// <summary>Always scales: a stream that changes its size half-way then keeps the size that was announced.</summary>
    private static string Filter(PictureSize size, FrameRate? rate) =>
        $"scale={size.Width}:{size.Height}:flags=bicubic" + (rate is { } wanted ? $",fps={wanted.ToText()}" : string.Empty);

    private int ReadWhole(Span<byte> samples, CancellationToken cancel)
    {
        using CancellationTokenRegistration registration = cancel.Register(_child.Kill);
        Stream output = _child.Output;
        int read = 0;
        while (read < samples.Length)
        {
            int more = output.Read(samples[read..]);
            if (more == 0)
            {
                break;
            }

            read += more;
        }

        return read;
    }

    /// <summary>ffmpeg has ended. True when another pass was begun.</summary>
    private bool EndOfPass(int leftOver)
    {
        int exitCode = _child.WaitForExit();
        string cause = _child.Tail.LastOrDefault() ?? $"exit code {exitCode}";
        if (_picturesOfThisPass == 0)
        {
            throw new UserError(ExitCode.BadInput, $"{Name} gave no picture ({cause}). Check that it is a complete video, or that the device is free.");
        }

        if (exitCode != 0 || leftOver != 0)
        {
            Notice = $"{Name} ended early: {cause}";
        }

        if (!_loop)
        {
            return false;
        }

        _child.Dispose();
        _picturesOfThisPass = 0;
        _child = new(_ffmpeg.Path, _arguments);
        return true;
    }
}
