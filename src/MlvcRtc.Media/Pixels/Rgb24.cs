namespace MlvcRtc.Media.Pixels;

/// <summary>RGB with 8 bits each, in that order, as some capture libraries give it.</summary>
public static class Rgb24
{
    /// <summary>
    /// Converts to limited-range BT.601 (ITU-R BT.601-7 §2.5), chroma from the mean of four pixels. <paramref name="target"/> keeps its size, which may be smaller than the picture:
    /// the rest, such as the last column of an odd width, is left out.
    /// </summary>
    /// <param name="rgb">Rows of R, G, B.</param>
    /// <param name="stride">Bytes from row to row, at least three for each column.</param>
    /// <param name="target">Written.</param>
    /// <exception cref="ArgumentException">There are fewer bytes than the target has pixels.</exception>
    public static void ToI420(ReadOnlySpan<byte> rgb, int stride, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (stride < 3 * target.Width || rgb.Length < (long)stride * (target.Height - 1) + 3 * target.Width)
        {
            throw new ArgumentException($"{rgb.Length} bytes in rows of {stride} are no RGB picture of {target.Width}x{target.Height}.", nameof(rgb));
        }

        for (int row = 0; row < target.Height; row += 2)
        {
            ReadOnlySpan<byte> upper = rgb.Slice(stride * row, 3 * target.Width);
            ReadOnlySpan<byte> lower = rgb.Slice(stride * (row + 1), 3 * target.Width);
            Luma(upper, target.Y.Slice(row * target.Width, target.Width));
            Luma(lower, target.Y.Slice((row + 1) * target.Width, target.Width));
            int half = target.Width / 2;
            Chroma(upper, lower, target.U.Slice(row / 2 * half, half), target.V.Slice(row / 2 * half, half));
        }
    }

    // The matrix in 1/65536: luma 219/255 of (0.299, 0.587, 0.114), chroma 224/255 of the differences over 1.772 and 1.402.
    private static void Luma(ReadOnlySpan<byte> rgb, Span<byte> luma)
    {
        for (int i = 0; i < luma.Length; i++)
        {
            luma[i] = (byte)((16_829 * rgb[3 * i] + 33_039 * rgb[3 * i + 1] + 6_416 * rgb[3 * i + 2] + (16 << 16) + 32_768) >> 16);
        }
    }

    private static void Chroma(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> blue, Span<byte> red)
    {
        for (int i = 0; i < blue.Length; i++)
        {
            int r = Sum(upper, lower, 6 * i);
            int g = Sum(upper, lower, 6 * i + 1);
            int b = Sum(upper, lower, 6 * i + 2);
            blue[i] = (byte)((-9_714 * r - 19_070 * g + 28_784 * b + (128 << 18) + 131_072) >> 18);
            red[i] = (byte)((28_784 * r - 24_103 * g - 4_681 * b + (128 << 18) + 131_072) >> 18);
        }
    }

    private static int Sum(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, int at) => upper[at] + upper[at + 3] + lower[at] + lower[at + 3];
}
