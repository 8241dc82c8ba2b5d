namespace MlvcRtc.Media.Pixels;

/// <summary>What fills a model's area to the right of a picture and below it. The receiver cuts it off again, so it costs bits only.</summary>
public enum PaddingKind
{
    /// <summary>The last column and the last row, repeated: no new edge to code.</summary>
    Edge,

    /// <summary>Middle grey (128; half of full scale where samples are fractions).</summary>
    Grey,
}

/// <summary>Enlarges a picture to the right and downwards; the picture stays at the top left.</summary>
public static class Padding
{
    private const byte MiddleGrey = 128;

    /// <summary><paramref name="target"/> becomes <paramref name="width"/> x <paramref name="height"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The new size is smaller than the picture in a direction, or odd.</exception>
    public static void Pad(VideoFrame source, int width, int height, PaddingKind kind, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, source.Width);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, source.Height);
        target.Resize(width, height);
        target.CaptureTime = source.CaptureTime;
        PadPlane(source.Y, source.Width, source.Height, target.Y, width, kind);
        PadPlane(source.U, source.Width / 2, source.Height / 2, target.U, width / 2, kind);
        PadPlane(source.V, source.Width / 2, source.Height / 2, target.V, width / 2, kind);
    }

    private static void PadPlane(ReadOnlySpan<byte> source, int width, int height, Span<byte> target, int targetWidth, PaddingKind kind)
    {
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> from = source.Slice(row * width, width);
            Span<byte> to = target.Slice(row * targetWidth, targetWidth);
            from.CopyTo(to);
            to[width..].Fill(kind == PaddingKind.Edge ? from[^1] : MiddleGrey);
        }

        Span<byte> below = target[(height * targetWidth)..];
        if (kind == PaddingKind.Grey)
        {
            below.Fill(MiddleGrey);
            return;
        }

        ReadOnlySpan<byte> lastRow = target.Slice((height - 1) * targetWidth, targetWidth);
        for (; below.Length > 0; below = below[targetWidth..])
        {
            lastRow.CopyTo(below);
        }
    }
}
