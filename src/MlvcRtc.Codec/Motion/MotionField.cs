namespace MlvcRtc.Codec.Motion;

/// <summary>One vector per 16x16 block of a picture, row after row. Still when created. One thread at a time.</summary>
public sealed class MotionField
{
    /// <summary>Luma samples of a block's side.</summary>
    public const int BlockSize = 16;

    private readonly MotionVector[] _vectors;

    /// <param name="width">Of the picture, a multiple of 16.</param>
    /// <param name="height">Of the picture, a multiple of 16.</param>
    public MotionField(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual((width | height) % BlockSize, 0, nameof(width));
        Rows = height / BlockSize;
        Columns = width / BlockSize;
        _vectors = new MotionVector[Rows * Columns];
    }

    /// <summary>Rows of blocks.</summary>
    public int Rows { get; }

    /// <summary>Columns of blocks.</summary>
    public int Columns { get; }

    public Span<MotionVector> Vectors => _vectors;

    /// <summary>Every vector is zero: the picture is predicted from where it was.</summary>
    public bool IsStill => !_vectors.AsSpan().ContainsAnyExcept(default(MotionVector));

    public ref MotionVector this[int row, int column] => ref _vectors[(row * Columns) + column];

    /// <summary>Makes every vector zero.</summary>
    public void Clear() => _vectors.AsSpan().Clear();

    /// <summary>What the neighbours that are coded before a block let expect of it: the median of left, above and above right; outside the picture, zero.</summary>
    /// <param name="row">Of the block.</param>
    /// <param name="column">Of the block.</param>
    /// <param name="agree">The three are the same.</param>
    public MotionVector Predict(int row, int column, out bool agree)
    {
        MotionVector left = column > 0 ? this[row, column - 1] : default;
        MotionVector above = row > 0 ? this[row - 1, column] : default;
        MotionVector corner = row > 0 && column + 1 < Columns ? this[row - 1, column + 1] : default;
        agree = left == above && above == corner;
        return MotionVector.Median(left, above, corner);
    }
}
