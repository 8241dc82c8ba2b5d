using MlvcRtc.Media;

namespace MlvcRtc.Lab.Clips;

/// <summary>
/// A made-up call partner: head and shoulders swaying before a textured wall, blinking, talking, waving now and then. Needs no
/// file and no licence. The same seed, size and index give the same picture on every machine (integer arithmetic throughout).
/// </summary>
public sealed class SyntheticScene : IClipReader
{
    private readonly byte[] _wall;
    private readonly int _seed;
    private readonly long _frames;
    private long _index;

    /// <param name="width">Even, 2..16,384.</param>
    /// <param name="height">Even, 2..16,384.</param>
    /// <param name="frames">Pictures before the clip ends; null = it does not.</param>
    public SyntheticScene(int width, int height, FrameRate rate, int seed, long? frames = null)
    {
        (Width, Height, Rate, _seed, _frames) = (width, height, rate, seed, frames ?? long.MaxValue);
        new VideoFrame().Resize(width, height);  // refuses impossible sides
        _wall = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int shelf = (y * 6 / height) % 2 == 0 ? 14 : 0;
                int grain = Texture(x * 640 / width, y * 640 / width, 5) + (Texture(x, y, 2) / 4) - 40;
                _wall[(y * width) + x] = (byte)(84 + shelf + (x * 30 / width) + (grain / 3));
            }
        }
    }

    public int Width { get; }

    public int Height { get; }

    public FrameRate Rate { get; }

    public bool TryRead(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (_index >= _frames)
        {
            return false;
        }

        Render(picture, _index);
        picture.CaptureTime = Rate.Interval * _index++;
        return true;
    }

    /// <summary>Draws picture <paramref name="index"/>; its capture time is left to the caller.</summary>
    public void Render(VideoFrame picture, long index)
    {
        ArgumentNullException.ThrowIfNull(picture);
        picture.Resize(Width, Height);
        _wall.CopyTo(picture.Y);
        picture.U.Fill(132);
        picture.V.Fill(122);

        // Units: 1/1000 of the height; time in milliseconds.
        int milliseconds = (int)(index * 1000 * Rate.Denominator / Rate.Numerator % 1_000_000_000);
        int sway = Wave(milliseconds, 4300) * 45 / 1000;
        int nod = Wave(milliseconds, 2700) * 14 / 1000;
        int x = (Width * 500 / Height) + sway;
        int y = 430 + nod;

        Ellipse(picture, x - (sway / 3), 1060, 420, 380, 58, 150, 108, textured: 10);   // jacket
        Ellipse(picture, x - (sway / 4), 690, 90, 150, 140, 112, 150, textured: 4);     // neck
        Ellipse(picture, x, y - 40, 205, 270, 42, 124, 134, textured: 16);              // hair
        Ellipse(picture, x, y, 180, 240, 168, 108, 154, textured: 6);                   // face
        int lid = (milliseconds + 1500) % 3700 < 130 ? 4 : 20;
        foreach (int side in (ReadOnlySpan<int>)[-70, 70])
        {
            Ellipse(picture, x + side, y - 40, 36, lid, 225, 128, 128, textured: 0);
            Ellipse(picture, x + side + (sway / 6), y - 40, 13, Math.Min(lid, 14), 30, 128, 128, textured: 0);
        }

        int mouth = 10 + (Math.Abs(Wave(milliseconds, 310)) * (500 + (Wave(milliseconds, 1900) / 2)) * 34 / 1_000_000);
        Ellipse(picture, x, y + 120, 66, mouth, 70, 118, 158, textured: 0);
        if (milliseconds % 9000 > 6500)
        {
            Ellipse(picture, x + 330 + (Wave(milliseconds, 620) * 70 / 1000), 560, 70, 95, 160, 110, 152, textured: 6);  // hand
        }
    }

    /// <summary>A smooth wave of one period: -1000..1000, two parabolas in place of a sine.</summary>
    private static int Wave(int milliseconds, int period)
    {
        int phase = (int)((long)(milliseconds % period) * 2000 / period);  // 0..1999
        int half = phase % 1000;
        int arc = half * (1000 - half) / 250;                              // 0..1000
        return phase < 1000 ? arc : -arc;
    }

    private void Ellipse(VideoFrame picture, int centreX, int centreY, int radiusX, int radiusY, int luma, byte u, byte v, int textured)
    {
        int cx = centreX * Height / 1000, cy = centreY * Height / 1000;
        int rx = Math.Max(1, radiusX * Height / 1000), ry = Math.Max(1, radiusY * Height / 1000);
        long limit = (long)rx * rx * ry * ry;
        for (int y = Math.Max(0, cy - ry); y < Math.Min(Height, cy + ry + 1); y++)
        {
            for (int x = Math.Max(0, cx - rx); x < Math.Min(Width, cx + rx + 1); x++)
            {
                long dx = x - cx, dy = y - cy;
                long distance = (dx * dx * ry * ry) + (dy * dy * rx * rx);
                if (distance > limit)
                {
                    continue;
                }

                // Texture moves with the body; a soft shade makes it round.
                int grain = textured == 0 ? 0 : (Texture((x - cx) + 4096, (y - cy) + 4096, 2) - 128) * textured / 128;
                int shade = (int)(distance * 26 / limit) + (int)(dx * 14 / rx);
                picture.Y[(y * Width) + x] = (byte)Math.Clamp(luma + grain - shade, 16, 235);
                if ((x & 1) == 0 && (y & 1) == 0)
                {
                    int chroma = (y / 2 * (Width / 2)) + (x / 2);
                    picture.U[chroma] = u;
                    picture.V[chroma] = v;
                }
            }
        }
    }

    /// <summary>Value noise, 0..255, smooth over cells of 2^shift samples.</summary>
    private int Texture(int x, int y, int shift)
    {
        int cell = 1 << shift;
        int fx = x & (cell - 1), fy = y & (cell - 1);
        int left = x >> shift, top = y >> shift;
        int upper = (Hash(left, top) * (cell - fx)) + (Hash(left + 1, top) * fx);
        int lower = (Hash(left, top + 1) * (cell - fx)) + (Hash(left + 1, top + 1) * fx);
        return ((upper * (cell - fy)) + (lower * fy)) >> (2 * shift);
    }

    /// <summary>Mixes a lattice point into 0..255 (multiply and xor-shift, constants of MurmurHash3's finaliser).</summary>
    private int Hash(int x, int y)
    {
        uint h = unchecked((uint)((x * 374761393) + (y * 668265263) + (_seed * 69069)));
        h = unchecked((h ^ (h >> 16)) * 0x85EBCA6B);
        h = unchecked((h ^ (h >> 13)) * 0xC2B2AE35);
        return (int)(h >> 24);
    }
}
