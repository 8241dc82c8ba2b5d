using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Uncompressed clips, read without ffmpeg: .y4m, and headerless I420 (.yuv, .i420) or NV12 (.nv12).</summary>
internal sealed class ClipFileSource : IPictureSource
{
    private readonly FileStream _stream;
    private readonly IClipReader _reader;

    private ClipFileSource(string file, FileStream stream, IClipReader reader, string? notice)
    {
        Name = file;
        Notice = notice;
        _stream = stream;
        _reader = reader;
    }

    public PictureSize Size => new(_reader.Width, _reader.Height);

    public FrameRate Rate => _reader.Rate;

    public string Name { get; }

    public string? Notice { get; private set; }

    /// <exception cref="UserError">Missing, or shorter than one picture.</exception>
    public static ClipFileSource OpenRaw(string file, PictureSize size, FrameRate rate)
    {
        FileStream stream = InputFile.Open(file);
        long leftOver = stream.Length % size.FrameBytes;
        if (stream.Length < size.FrameBytes)
        {
            long length = stream.Length;
            stream.Dispose();
            throw new UserError(ExitCode.BadInput, $"{file} has {length} bytes, less than one {size} picture ({size.FrameBytes} bytes). Is --size right?");
        }

        string? notice = leftOver == 0 ? null : $"{file} is no whole number of {size} pictures; the last {leftOver} bytes are left out. Is --size right?";
        RawLayout layout = Path.GetExtension(file).Equals(".nv12", StringComparison.OrdinalIgnoreCase) ? RawLayout.Nv12 : RawLayout.I420;
        return new(file, stream, new RawClipReader(stream, size.Width, size.Height, layout, rate), notice);
    }

    /// <exception cref="UserError">Missing, or no 8-bit 4:2:0 clip of even size.</exception>
    public static ClipFileSource OpenY4m(string file)
    {
        FileStream stream = InputFile.Open(file);
        try
        {
            return new(file, stream, new Y4mReader(stream), notice: null);
        }
        catch (InvalidDataException cause)
        {
            stream.Dispose();
            throw new UserError(ExitCode.BadInput, $"{file}: {cause.Message}", cause);
        }
    }

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            return _reader.TryRead(picture);
        }
        catch (InvalidDataException cause)
        {
            // Cut inside a picture: what came before it is good.
            Notice ??= $"{Name} ended early: {cause.Message}";
            return false;
        }
    }

    public void Dispose() => _stream.Dispose();
}
