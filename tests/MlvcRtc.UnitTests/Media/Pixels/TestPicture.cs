using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Media.Pixels;

/// <summary>Pictures whose every sample is known.</summary>
internal static class TestPicture
{
    public static VideoFrame Noise(int width, int height, int seed)
    {
        VideoFrame picture = new(width, height);
        new Random(seed).NextBytes(picture.Samples);
        return picture;
    }

    public static VideoFrame Flat(int width, int height, byte y, byte u, byte v)
    {
        VideoFrame picture = new(width, height);
        picture.Y.Fill(y);
        picture.U.Fill(u);
        picture.V.Fill(v);
        return picture;
    }

    /// <summary>A smooth scene that moves by <paramref name="time"/> frames: gradients and a bright disc.</summary>
    public static VideoFrame Scene(int width, int height, int time)
    {
        VideoFrame picture = new(width, height) { CaptureTime = TimeSpan.FromMilliseconds(40 * time) };
        int discX = width / 2 + (int)(width / 4 * Math.Sin(time * 0.1));
        int discY = height / 2 + (int)(height / 4 * Math.Cos(time * 0.13));
        int radius = height / 6;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int dx = x - discX;
                int dy = y - discY;
                bool disc = dx * dx + dy * dy < radius * radius;
                picture.Y[y * width + x] = (byte)(disc ? 200 - (dx & 31) : 60 + 80 * x / width + 40 * y / height + (int)(8 * Math.Sin((x + y + time) * 0.2)));
                if ((x & y & 1) != 0)
                {
                    int at = y / 2 * (width / 2) + x / 2;
                    picture.U[at] = (byte)(disc ? 100 : 128 + 20 * x / width);
                    picture.V[at] = (byte)(disc ? 160 : 120 - 10 * y / height);
                }
            }
        }

        return picture;
    }
}
