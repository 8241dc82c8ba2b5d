using System.Numerics;

namespace MlvcRtc.Codec.Motion;

/// <summary>A plane whose edge goes on for a margin on every side, so that blocks beyond the picture can be read like those within.</summary>
internal sealed class PaddedPlane
{
    private readonly byte[] _samples;

    /// <param name="width">Of the picture's plane.</param>
    /// <param name="height">Of the picture's plane.</param>
    /// <param name="margin">Samples on each side.</param>
    public PaddedPlane(int width, int height, int margin)
    {
        (Width, Height, Margin, Stride) = (width, height, margin, width + (2 * margin));
        _samples = new byte[(Stride * (height + (2 * margin))) + Vector<byte>.Count];
    }

    public int Width { get; }

    public int Height { get; }

    public int Margin { get; }

    /// <summary>Samples from one row to the next.</summary>
    public int Stride { get; }

    /// <summary>All rows with their margins, and a vector's length more, whose values mean nothing.</summary>
    public Span<byte> Samples => _samples;

    /// <summary>Where a sample of the picture lies; from −margin on in both directions.</summary>
    public int IndexOf(int row, int column) => ((row + Margin) * Stride) + column + Margin;

    /// <summary>Takes over a plane and continues its edge.</summary>
    public void Fill(ReadOnlySpan<byte> plane)
    {
        for (int row = 0; row < Height; row++)
        {
            ReadOnlySpan<byte> line = plane.Slice(row * Width, Width);
            Span<byte> padded = _samples.AsSpan((row + Margin) * Stride, Stride);
            padded[..Margin].Fill(line[0]);
            line.CopyTo(padded[Margin..]);
            padded[(Margin + Width)..].Fill(line[^1]);
        }

        ReadOnlySpan<byte> first = _samples.AsSpan(Margin * Stride, Stride);
        ReadOnlySpan<byte> last = _samples.AsSpan((Margin + Height - 1) * Stride, Stride);
        for (int row = 0; row < Margin; row++)
        {
            first.CopyTo(_samples.AsSpan(row * Stride));
            last.CopyTo(_samples.AsSpan((Margin + Height + row) * Stride));
        }
    }
}
