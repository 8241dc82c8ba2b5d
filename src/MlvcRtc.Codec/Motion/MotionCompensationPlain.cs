using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>The definition of <see cref="MotionCompensation"/>, sample by sample: slow, obvious, and what the fast version is tested against.</summary>
public static class MotionCompensationPlain
{
    /// <summary>Fills <paramref name="moved"/>, which becomes as large as <paramref name="previous"/>.</summary>
    public static void Move(VideoFrame previous, MotionField field, VideoFrame moved)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(moved);
        moved.Resize(previous.Width, previous.Height);
        Plane y = new(previous.Y, previous.Width);
        for (int k = 0; k < moved.Y.Length; k++)
        {
            (int row, int column) = (k / previous.Width, k % previous.Width);
            moved.Y[k] = Overlapped(field, row, column, 16, y, Quarter);
        }

        Plane u = new(previous.U, previous.Width / 2);
        Plane v = new(previous.V, previous.Width / 2);
        for (int k = 0; k < moved.U.Length; k++)
        {
            (int row, int column) = (k / u.Width, k % u.Width);
            moved.U[k] = Overlapped(field, row, column, 8, u, Eighth);
            moved.V[k] = Overlapped(field, row, column, 8, v, Eighth);
        }
    }

    private delegate int Taken(Plane plane, int row, int column);

    /// <summary>A sample by its block's vector, and at most 16/64 each of what the vectors of the blocks beyond the nearer edges give, falling towards the middle.</summary>
    /// <param name="field">Of vectors.</param>
    /// <param name="row">Of the sample.</param>
    /// <param name="column">Of the sample.</param>
    /// <param name="block">Samples of a block's side.</param>
    /// <param name="plane">Taken from.</param>
    /// <param name="taken">At quarter samples of luma or eighths of chroma.</param>
    private static byte Overlapped(MotionField field, int row, int column, int block, Plane plane, Taken taken)
    {
        int By(MotionVector vector, Plane plane) => taken(plane, (64 / block * row) + vector.Rows, (64 / block * column) + vector.Columns);

        (int i, int j) = (row / block, column / block);
        (int up, int left) = (row % block, column % block);
        int own = By(field[i, j], plane);
        int total = (64 * own) + 32;
        ReadOnlySpan<(int Row, int Column, int FromEdge)> beside = [(i - 1, j, up), (i + 1, j, block - 1 - up), (i, j - 1, left), (i, j + 1, block - 1 - left)];
        foreach ((int otherRow, int otherColumn, int fromEdge) in beside)
        {
            int weight = 16 - (((2 * fromEdge) + 1) * 16 / block);
            if (weight > 0 && otherRow >= 0 && otherRow < field.Rows && otherColumn >= 0 && otherColumn < field.Columns)
            {
                total += weight * (By(field[otherRow, otherColumn], plane) - own);
            }
        }

        return (byte)(total >> 6);
    }

    /// <summary>Mean of the half samples at and around a position in quarter samples.</summary>
    private static int Quarter(Plane y, int row, int column)
    {
        (int sum, int count) = (0, 0);
        for (int i = row >> 1; i <= (row + 1) >> 1; i++)
        {
            for (int j = column >> 1; j <= (column + 1) >> 1; j++)
            {
                sum += HalfSample(y, i, j);
                count++;
            }
        }

        return (sum + (count / 2)) / count;
    }

    private static int HalfSample(Plane y, int row, int column)
    {
        (int i, int j) = (row >> 1, column >> 1);
        return (row & 1) == 0
            ? Beside(y, i, j, column)
            : Filter(Beside(y, i - 2, j, column), Beside(y, i - 1, j, column), Beside(y, i, j, column), Beside(y, i + 1, j, column), Beside(y, i + 2, j, column), Beside(y, i + 3, j, column));
    }

    private static int Beside(Plane y, int i, int j, int column) =>
        (column & 1) == 0 ? y[i, j] : Filter(y[i, j - 2], y[i, j - 1], y[i, j], y[i, j + 1], y[i, j + 2], y[i, j + 3]);

    private static int Filter(int a, int b, int c, int d, int e, int f) => int.Clamp((a - (5 * b) + (20 * c) + (20 * d) - (5 * e) + f + 16) >> 5, 0, 255);

    private static int Eighth(Plane plane, int row, int column)
    {
        (int i, int j, int down, int right) = (row >> 3, column >> 3, row & 7, column & 7);
        return (((8 - down) * (8 - right) * plane[i, j]) + ((8 - down) * right * plane[i, j + 1]) + (down * (8 - right) * plane[i + 1, j]) + (down * right * plane[i + 1, j + 1]) + 32) >> 6;
    }

    /// <summary>A plane whose edge goes on.</summary>
    private readonly ref struct Plane(ReadOnlySpan<byte> samples, int width)
    {
        private readonly ReadOnlySpan<byte> _samples = samples;

        public int Width => width;

        public int this[int row, int column] => _samples[(int.Clamp(row, 0, (_samples.Length / width) - 1) * width) + int.Clamp(column, 0, width - 1)];
    }
}
