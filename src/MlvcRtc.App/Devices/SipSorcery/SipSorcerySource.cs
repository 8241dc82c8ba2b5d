using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;
using SIPSorceryMedia.Abstractions;
using SIPSorceryMedia.FFmpeg;

namespace MlvcRtc.App.Devices.SipSorcery;

/// <summary>
/// A camera or file through SIPSorceryMedia.FFmpeg, which loads FFmpeg's libraries into this process. Only when asked for by name ("sipsorcery:camera", "sipsorcery:FILE"): the library gives
/// RGB at the pace of the clock, so that pictures are converted twice and files cannot be read faster than they play. Newest picture wins. One reader thread.
/// </summary>
internal sealed class SipSorcerySource : IPictureSource
{
    /// <summary>Opening a camera takes a second or two; a file that gave nothing by then gives nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How often a waiting reader looks whether it is still wanted.</summary>
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _arrived = new(false);
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly PictureScaler _scaler = new();
    private readonly IVideoSource _library;
    private VideoFrame _newest = new();
    private VideoFrame _taken = new();
    private bool _fresh;
    private uint _spacing;
    private volatile string? _failure;

    private SipSorcerySource(IVideoSource library, string name, PictureSize? size)
    {
        _library = library;
        Name = name;
        _library.OnVideoSourceRawSampleFaster += Take;
        _library.OnVideoSourceError += message => _failure = message;

        // The library decodes only once it knows what it would encode; no encoded picture is asked for.
        _library.SetVideoSourceFormat(_library.GetVideoSourceFormats()[0]);
        _library.StartVideo();
        Wait(default);
        Size = size ?? new(_taken.Width, _taken.Height);
        Rate = new FrameRate(1000, (int)Math.Clamp(_spacing, 1, 1000));  // it tells whole milliseconds
    }

    public PictureSize Size { get; }

    public FrameRate Rate { get; }

    public string Name { get; }

    public string? Notice => null;

    /// <param name="input">Behind "sipsorcery:": a file, "camera" or "camera:DEVICE".</param>
    /// <param name="size">Scale to this size; null keeps the source's own, made even.</param>
    /// <exception cref="UserError">FFmpeg's libraries or the source cannot be opened.</exception>
    public static SipSorcerySource Open(string input, PictureSize? size)
    {
        try
        {
            FFmpegInit.Initialise(libPath: FFmpegLibraries.Find());
            return new(Camera.IsNamedBy(input) ? new FFmpegCameraSource(CameraPath(input)) : new FFmpegFileSource(input, repeat: true, audioEncoder: null), input, size);
        }
        catch (Exception cause) when (cause is ApplicationException or DllNotFoundException or NotSupportedException or EntryPointNotFoundException)
        {
            throw new UserError(ExitCode.BadInput, $"SIPSorceryMedia.FFmpeg cannot open {input}: {cause.Message}. It needs the shared libraries of FFmpeg 7; leave 'sipsorcery:' away to read by an ffmpeg program.", cause);
        }
    }

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        Wait(cancel);
        if (Size == new PictureSize(_taken.Width, _taken.Height))
        {
            picture.CopyFrom(_taken);
        }
        else
        {
            _scaler.Scale(_taken, Size.Width, Size.Height, picture);
        }

        return true;
    }

    public void Dispose()
    {
        _library.OnVideoSourceRawSampleFaster -= Take;
        _library.CloseVideo().GetAwaiter().GetResult();
        _arrived.Dispose();
    }

    private static string CameraPath(string input) =>
        input.Length > Camera.Word.Length + 1 ? input[(Camera.Word.Length + 1)..]
        : FFmpegCameraManager.GetCameraDevices() is [{ Path: var first }, ..] ? first
        : throw new UserError(ExitCode.BadInput, "No camera was found. Connect one, or name it with --input sipsorcery:camera:DEVICE.");

    /// <summary>On the library's thread; the sample is its memory and valid only here.</summary>
    private unsafe void Take(uint spacingMs, RawImage image)
    {
        if (image.PixelFormat != VideoPixelFormatsEnum.Rgb || image.Width < 2 || image.Height < 2 || image.Stride < 3 * image.Width)
        {
            _failure = $"it gave a {image.Width}x{image.Height} picture in {image.PixelFormat}, not RGB";
            return;
        }

        lock (_lock)
        {
            _newest.Resize(image.Width & ~1, image.Height & ~1);
            Rgb24.ToI420(new ReadOnlySpan<byte>((void*)image.Sample, image.Stride * image.Height), image.Stride, _newest);
            (_fresh, _spacing) = (true, spacingMs);
        }

        _arrived.Set();
    }

    /// <summary>The next picture is in <see cref="_taken"/>.</summary>
    private void Wait(CancellationToken cancel)
    {
        for (long begun = _time.GetTimestamp(); ; _arrived.WaitOne(Glance))
        {
            cancel.ThrowIfCancellationRequested();
            lock (_lock)
            {
                if (_fresh)
                {
                    (_newest, _taken, _fresh) = (_taken, _newest, false);
                    return;
                }
            }

            if (_failure is not null || _time.GetElapsedTime(begun) > Patience)
            {
                throw new UserError(ExitCode.BadInput, $"{Name} gave no picture ({_failure ?? $"within {Patience.TotalSeconds:0} s"}). Check that it is a complete video, or that the device is free.");
            }
        }
    }
}
