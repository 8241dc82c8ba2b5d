namespace MlvcRtc.Media.Pixels;

/// <summary>Cuts a rectangle out of a picture.</summary>
public static class Cropping
{
    /// <summary><paramref name="target"/> becomes the rectangle; all numbers are luma samples and even.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rectangle leaves the picture or has an odd number.</exception>
    public static void Crop(VideoFrame source, int left, int top, int width, int height, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        CheckSpan(left, width, source.Width);
        CheckSpan(top, height, source.Height);
        target.Resize(width, height);
        target.CaptureTime = source.CaptureTime;
        CropPlane(source.Y, source.Width, left, top, target.Y, width);
        CropPlane(source.U, source.Width / 2, left / 2, top / 2, target.U, width / 2);
        CropPlane(source.V, source.Width / 2, left / 2, top / 2, target.V, width / 2);
    }

    private static void CropPlane(ReadOnlySpan<byte> source, int sourceWidth, int left, int top, Span<byte> target, int width)
    {
        for (ReadOnlySpan<byte> from = source[(top * sourceWidth + left)..]; target.Length > 0; target = target[width..])
        {
            from[..width].CopyTo(target);
            from = from[int.Min(sourceWidth, from.Length)..];
        }
    }

    private static void CheckSpan(int start, int length, int side)
    {
        if (start < 0 || length < 2 || start > side - length || ((start | length) & 1) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"Cannot cut {length} samples from {start} out of {side}; the cut must lie inside and be even.");
        }
    }
}
