namespace MlvcRtc.Media;

/// <summary>
/// One 8-bit 4:2:0 picture (I420): three planes, tightly packed, no padding. The buffer grows and is reused, so a frame
/// kept by its owner costs no allocation per picture. Not safe for concurrent use; the owner hands it on explicitly.
/// </summary>
public sealed class VideoFrame
{
    private byte[] _samples = [];

    public VideoFrame()
    {
    }

    /// <param name="width">Luma columns, even, ≥ 2.</param>
    /// <param name="height">Luma rows, even, ≥ 2.</param>
    public VideoFrame(int width, int height) => Resize(width, height);

    /// <summary>Luma columns; even. 0 before the first <see cref="Resize"/>.</summary>
    public int Width { get; private set; }

    /// <summary>Luma rows; even.</summary>
    public int Height { get; private set; }

    /// <summary>Capture instant on the sender's clock, from an arbitrary origin.</summary>
    public TimeSpan CaptureTime { get; set; }

    /// <summary>Luma, [Height, Width].</summary>
    public Span<byte> Y => _samples.AsSpan(0, Width * Height);

    /// <summary>Blue difference, [Height/2, Width/2].</summary>
    public Span<byte> U => _samples.AsSpan(Width * Height, Width * Height / 4);

    /// <summary>Red difference, [Height/2, Width/2].</summary>
    public Span<byte> V => _samples.AsSpan(Width * Height * 5 / 4, Width * Height / 4);

    /// <summary>The three planes in a row: Y, U, V; Width·Height·3/2 bytes.</summary>
    public Span<byte> Samples => _samples.AsSpan(0, Width * Height * 3 / 2);

    /// <summary>The same bytes as <see cref="Samples"/>, for asynchronous and stream I/O.</summary>
    public Memory<byte> SampleMemory => _samples.AsMemory(0, Width * Height * 3 / 2);

    /// <summary>Sets the size; the samples are undefined afterwards. Reallocates only when the picture grows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is odd, below 2 or above 16,384.</exception>
    public void Resize(int width, int height)
    {
        CheckSide(width);
        CheckSide(height);
        int size = width * height * 3 / 2;
        if (_samples.Length < size)
        {
            _samples = GC.AllocateUninitializedArray<byte>(size);
        }

        Width = width;
        Height = height;
    }

    /// <summary>Makes this frame equal to <paramref name="source"/>: size, time and samples.</summary>
    public void CopyFrom(VideoFrame source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Resize(source.Width, source.Height);
        CaptureTime = source.CaptureTime;
        source.Samples.CopyTo(Samples);
    }

    /// <summary>Exchanges the two pictures without copying a sample.</summary>
    public void Swap(VideoFrame other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (_samples, other._samples) = (other._samples, _samples);
        (Width, Height, CaptureTime, other.Width, other.Height, other.CaptureTime) = (other.Width, other.Height, other.CaptureTime, Width, Height, CaptureTime);
    }

    private static void CheckSide(int side, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(side))] string name = "")
    {
        if (side is < 2 or > 16384 || (side & 1) != 0)
        {
            throw new ArgumentOutOfRangeException(name, side, "A 4:2:0 picture needs even sides between 2 and 16384; crop or scale the input to an even size.");
        }
    }
}
