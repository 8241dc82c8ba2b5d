using MlvcRtc.App.CommandLine;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Headerless pictures of one size: I420 (.yuv, .i420) or NV12 (.nv12).</summary>
internal sealed class RawFileSource : IPictureSource
{
    private readonly FileStream _stream;
    private readonly byte[]? _chroma;

    /// <exception cref="UserError">Missing, or shorter than one picture.</exception>
    public RawFileSource(string file, PictureSize size, FrameRate rate)
    {
        Name = file;
        Size = size;
        Rate = rate;
        _stream = InputFile.Open(file);
        if (_stream.Length < size.FrameBytes)
        {
            long length = _stream.Length;
            _stream.Dispose();
            throw new UserError(ExitCode.BadInput, $"{file} has {length} bytes, less than one {size} picture ({size.FrameBytes} bytes). Is --size right?");
        }

        long leftOver = _stream.Length % size.FrameBytes;
        Notice = leftOver == 0
            ? null
            : $"{file} is no whole number of {size} pictures; the last {leftOver} bytes are left out. Is --size right?";
        _chroma = Path.GetExtension(file).Equals(".nv12", StringComparison.OrdinalIgnoreCase) ? new byte[size.FrameBytes / 3] : null;
    }

    public PictureSize Size { get; }

    public FrameRate Rate { get; }

    public string Name { get; }

    public string? Notice { get; }

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        picture.Resize(Size.Width, Size.Height);
        if (_chroma is null)
        {
            return ReadWhole(picture.Samples);
        }

        if (!ReadWhole(picture.Y) || !ReadWhole(_chroma))
        {
            return false;
        }

        InterleavedChroma.Split(_chroma, picture);
        return true;
    }

    public void Dispose() => _stream.Dispose();

    private bool ReadWhole(Span<byte> samples) => _stream.ReadAtLeast(samples, samples.Length, throwOnEndOfStream: false) == samples.Length;
}
