using MlvcRtc.Media;

namespace MlvcRtc.Lab.Drawing;

/// <summary>Which matrix turns luma and chroma into colours; both with limited range (luma 16..235, chroma 16..240).</summary>
public enum YuvMatrix
{
    /// <summary>ITU-R BT.601: what cameras and 360p video mostly use.</summary>
    Bt601 = 0,

    /// <summary>ITU-R BT.709: HD.</summary>
    Bt709 = 1,
}

/// <summary>An 8-bit RGB picture, row by row, three bytes a pixel.</summary>
public sealed class RgbImage
{
    /// <param name="width">1..16,384.</param>
    /// <param name="height">1..65,536.</param>
    public RgbImage(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 16384);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, 65536);
        (Width, Height, Pixels) = (width, height, new byte[checked(width * height * 3)]);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>[Height, Width, 3], red first.</summary>
    public byte[] Pixels { get; }

    /// <summary>Converts a 4:2:0 picture; each chroma sample serves its four pixels.</summary>
    public static RgbImage FromFrame(VideoFrame frame, YuvMatrix matrix = YuvMatrix.Bt601)
    {
        ArgumentNullException.ThrowIfNull(frame);
        RgbImage image = new(frame.Width, frame.Height);

        // R = 1.164 (Y-16) + rv (V-128), G = ... - gu (U-128) - gv (V-128), B = ... + bu (U-128); factors · 2^16
        // from Kr, Kb of BT.601 table 3 (0.299, 0.114) and BT.709 table 3 (0.2126, 0.0722), times 255/219 and 255/224.
        (int rv, int gu, int gv, int bu) = matrix == YuvMatrix.Bt601 ? (104597, 25675, 53279, 132201) : (117489, 13975, 34925, 138438);
        ReadOnlySpan<byte> lumas = frame.Y;
        ReadOnlySpan<byte> us = frame.U;
        ReadOnlySpan<byte> vs = frame.V;
        int target = 0;
        for (int y = 0; y < frame.Height; y++)
        {
            for (int x = 0; x < frame.Width; x++)
            {
                int chroma = (y / 2 * (frame.Width / 2)) + (x / 2);
                int luma = ((lumas[(y * frame.Width) + x] - 16) * 76309) + 32768;
                int u = us[chroma] - 128;
                int v = vs[chroma] - 128;
                image.Pixels[target++] = Clamp(luma + (rv * v));
                image.Pixels[target++] = Clamp(luma - (gu * u) - (gv * v));
                image.Pixels[target++] = Clamp(luma + (bu * u));
            }
        }

        return image;
    }

    public void Fill(int x, int y, int width, int height, byte red, byte green, byte blue)
    {
        for (int row = Math.Max(0, y); row < Math.Min(Height, y + height); row++)
        {
            for (int column = Math.Max(0, x); column < Math.Min(Width, x + width); column++)
            {
                int at = 3 * ((row * Width) + column);
                (Pixels[at], Pixels[at + 1], Pixels[at + 2]) = (red, green, blue);
            }
        }
    }

    /// <summary>Copies <paramref name="source"/> in with its upper left corner at (x, y); it must fit.</summary>
    public void Paste(RgbImage source, int x, int y)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (int row = 0; row < source.Height; row++)
        {
            source.Pixels.AsSpan(3 * row * source.Width, 3 * source.Width).CopyTo(Pixels.AsSpan(3 * (((y + row) * Width) + x)));
        }
    }

    private static byte Clamp(int scaled) => (byte)Math.Clamp(scaled >> 16, 0, 255);
}
