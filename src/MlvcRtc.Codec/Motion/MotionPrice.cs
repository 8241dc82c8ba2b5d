using System.Numerics;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// What a vector costs: its bits, roughly, times what a bit is worth at a quality. In the search, in luma levels of absolute difference; in the decision, in
/// squared levels: 255²/λ a bit, λ of the networks' training, where all frames have about one quality; a quarter of that where qualities alternate, since better frames are predicted from
/// coarser ones then, and pay at their own price for what those saved (models/experiments.md).
/// </summary>
internal readonly struct MotionPrice
{
    /// <summary>A bit at quality index 0: 1.5·255/√λ with λ = 16 (models/mlvc/motion.py, whose networks are trained so), in 1/65536 levels.</summary>
    private const long Coarsest = 6_266_880;

    /// <summary>From one quality index to the next: λ grows from 16 to 5000 over 63 steps, so a bit's worth falls by 312.5^(−1/126); in 1/65536.</summary>
    private const long Step = 62_615;

    /// <summary>In tenths of a bit, of neighbours that nothing is known of: a vector as expected; one that is not, beside the parts of its difference.</summary>
    private const int Expected = 3, Unexpected = 25;

    /// <summary>By neighbours that differ, apart and in agreement by turns.</summary>
    private static ReadOnlySpan<byte> TenthsIfExpected => [3, 0, 8, 3, 16, 5];

    private static ReadOnlySpan<byte> TenthsIfNot => [26, 55, 12, 25, 6, 18];

    /// <summary>A part's size, bits and sign, by floor(log2(|difference| + 1)).</summary>
    private static ReadOnlySpan<byte> TenthsOfSize => [20, 37, 56, 73, 81, 102, 145, 165, 185];

    private readonly int _halfBit;
    private readonly long _squaresOfTenth;

    /// <param name="qIndex">Quality index before the hierarchical shift, 0 (coarsest) and up.</param>
    /// <param name="steady">The frames around have about this quality, too.</param>
    public MotionPrice(int qIndex, bool steady)
    {
        long bit = Coarsest;
        for (int q = 0; q < qIndex; q++)
        {
            bit = bit * Step >> 16;
        }

        _halfBit = (int)(bit >> 1);
        _squaresOfTenth = bit * 2 / 3 * (bit * 2 / 3) / (steady ? 10 : 40) >> 16; // (255/√λ)²/10 or a quarter, in 1/65536
    }

    /// <summary>Levels that a vector costs where another is expected.</summary>
    public int Of(MotionVector vector, MotionVector expected) => Of(HalfBits(vector.Rows - expected.Rows) + HalfBits(vector.Columns - expected.Columns));

    /// <summary>Squared levels that a vector costs where another is expected.</summary>
    public long SquaresOf(MotionVector vector, MotionVector expected) => SquaresOf(vector == expected ? Expected : Unexpected + TenthsOfPart(vector.Rows - expected.Rows) + TenthsOfPart(vector.Columns - expected.Columns));

    /// <summary>Squared levels that so many tenths of bits cost.</summary>
    public long SquaresOf(int tenths) => tenths * _squaresOfTenth >> 16;

    /// <summary>Squared levels that any vector but the expected one costs at least.</summary>
    public long LeastSquares => SquaresOf(Unexpected + TenthsOfPart(0) + TenthsOfPart(1));

    /// <summary>The same from the parts that depend on rows and on columns only, each by <see cref="HalfBits"/>.</summary>
    public int Of(int halfBits) => halfBits * _halfBit >> 16;

    /// <summary>
    /// About what a vector costs in the stream, in tenths of a bit, once it is known which others differ from what was expected: measured on training clips.
    /// </summary>
    /// <param name="vector">To be coded.</param>
    /// <param name="expected">From its neighbours.</param>
    /// <param name="around">How many of the vectors left and above differ from what was expected of them, 0 .. 2.</param>
    /// <param name="agree">The three that predict it are the same.</param>
    public static int Tenths(MotionVector vector, MotionVector expected, int around, bool agree)
    {
        int context = (2 * around) + (agree ? 1 : 0);
        return vector == expected ? TenthsIfExpected[context] : TenthsIfNot[context] + TenthsOfPart(vector.Rows - expected.Rows) + TenthsOfPart(vector.Columns - expected.Columns);
    }

    private static int TenthsOfPart(int difference) => TenthsOfSize[BitOperations.Log2((uint)int.Abs(difference) + 1)];

    /// <summary>Of one part of a vector. Half a bit for none; else two per power of two, and one and a half.</summary>
    public static int HalfBits(int difference) => difference == 0 ? 1 : (4 * BitOperations.Log2((uint)int.Abs(difference) + 1)) + 3;
}
