using MlvcRtc.Codec.Motion;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.Motion;

/// <summary>Vectors and pictures for tests.</summary>
internal static class Fields
{
    /// <summary>Some blocks anywhere within reach, the ends of it more often than by chance, the others still.</summary>
    public static MotionField Random(Random random, int width, int height, double moving)
    {
        MotionField field = new(width, height);
        foreach (ref MotionVector vector in field.Vectors)
        {
            vector = random.NextDouble() < moving ? new MotionVector(Part(random), Part(random)) : default;
        }

        return field;
    }

    public static VideoFrame Noise(Random random, int width, int height)
    {
        VideoFrame picture = new(width, height);
        random.NextBytes(picture.Samples);
        return picture;
    }

    /// <summary>A smooth pattern without repetition within reach, seen from (row, column).</summary>
    public static VideoFrame Scene(int width, int height, int row, int column)
    {
        VideoFrame picture = new(width, height);
        for (int k = 0; k < picture.Y.Length; k++)
        {
            (int y, int x) = ((k / width) + row, (k % width) + column);
            picture.Y[k] = (byte)(128 + (60 * Math.Sin((x / 9.0) + (y / 31.0)) * Math.Cos(y / 7.0)) + (50 * Math.Sin(x * y / 900.0)));
        }

        picture.U.Fill(100);
        picture.V.Fill(150);
        return picture;
    }

    private static short Part(Random random) => random.Next(8) switch
    {
        0 => -MotionVector.Limit,
        1 => MotionVector.Limit,
        _ => (short)random.Next(-MotionVector.Limit, MotionVector.Limit + 1),
    };
}
