using MlvcRtc.Media;

namespace MlvcRtc.Lab.Clips;

/// <summary>Reads headerless 8-bit 4:2:0 pictures of a known size. The stream stays the caller's.</summary>
public sealed class RawClipReader : IClipReader
{
    private readonly Stream _stream;
    private readonly byte[] _chroma;
    private readonly RawLayout _layout;
    private long _index;

    /// <param name="width">Even, 2..16,384.</param>
    /// <param name="height">Even, 2..16,384.</param>
    public RawClipReader(Stream stream, int width, int height, RawLayout layout, FrameRate rate)
    {
        (_stream, Width, Height, _layout, Rate) = (stream, width, height, layout, rate);
        new VideoFrame().Resize(width, height);  // refuses impossible sides
        _chroma = layout == RawLayout.Nv12 ? new byte[width * height / 2] : [];
    }

    public int Width { get; }

    public int Height { get; }

    public FrameRate Rate { get; }

    public bool TryRead(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        picture.Resize(Width, Height);
        int size = picture.Samples.Length;
        int read = _stream.ReadAtLeast(picture.Samples, size, throwOnEndOfStream: false);
        if (read == 0)
        {
            return false;
        }

        if (read < size)
        {
            throw new InvalidDataException($"The raw clip ends inside frame {_index}: {read} of {size} bytes ({Width}x{Height}). Is the size right?");
        }

        if (_layout == RawLayout.Nv12)
        {
            Separate(picture);
        }

        picture.CaptureTime = Rate.Interval * _index++;
        return true;
    }

    private void Separate(VideoFrame picture)
    {
        picture.Samples[(Width * Height)..].CopyTo(_chroma);
        Span<byte> u = picture.U;
        Span<byte> v = picture.V;
        for (int i = 0; i < u.Length; i++)
        {
            u[i] = _chroma[2 * i];
            v[i] = _chroma[(2 * i) + 1];
        }
    }
}

/// <summary>Writes headerless 8-bit 4:2:0 pictures. The stream stays the caller's.</summary>
public sealed class RawClipWriter(Stream stream, RawLayout layout) : IClipWriter
{
    private byte[] _chroma = [];

    public void Write(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (layout == RawLayout.I420)
        {
            stream.Write(picture.Samples);
            return;
        }

        stream.Write(picture.Y);
        ReadOnlySpan<byte> u = picture.U;
        ReadOnlySpan<byte> v = picture.V;
        if (_chroma.Length != 2 * u.Length)
        {
            _chroma = new byte[2 * u.Length];
        }

        for (int i = 0; i < u.Length; i++)
        {
            _chroma[2 * i] = u[i];
            _chroma[(2 * i) + 1] = v[i];
        }

        stream.Write(_chroma);
    }
}
