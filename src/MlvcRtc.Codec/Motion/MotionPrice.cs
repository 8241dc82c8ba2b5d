using System.Numerics;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// What a vector costs: its bits, roughly, times what a bit is worth at a quality. In the search, in luma levels of absolute difference; in the decision, in
/// squared levels: 255²/λ a bit, by which the networks are trained.
/// </summary>
internal readonly struct MotionPrice
{
    /// <summary>A bit at quality index 0: 1.5·255/√λ with λ = 16 (models/mlvc/motion.py, whose networks are trained so), in 1/65536 levels.</summary>
    private const long Coarsest = 6_266_880;

    /// <summary>From one quality index to the next: λ grows from 16 to 5000 over 63 steps, so a bit's worth falls by 312.5^(−1/126); in 1/65536.</summary>
    private const long Step = 62_615;

    /// <summary>In tenths of a bit: a vector as expected; one that is not, beside the parts of its difference.</summary>
    private const int Expected = 3, Unexpected = 40;

    private readonly int _halfBit;
    private readonly long _squaresOfTenth;

    /// <param name="qIndex">Quality index before the hierarchical shift, 0 (coarsest) and up.</param>
    public MotionPrice(int qIndex)
    {
        long bit = Coarsest;
        for (int q = 0; q < qIndex; q++)
        {
            bit = bit * Step >> 16;
        }

        _halfBit = (int)(bit >> 1);
        _squaresOfTenth = bit * 2 / 3 * (bit * 2 / 3) / 10 >> 16; // (255/√λ)²/10, in 1/65536
    }

    /// <summary>Levels that a vector costs where another is expected.</summary>
    public int Of(MotionVector vector, MotionVector expected) => Of(HalfBits(vector.Rows - expected.Rows) + HalfBits(vector.Columns - expected.Columns));

    /// <summary>Squared levels that a vector costs where another is expected.</summary>
    public long SquaresOf(MotionVector vector, MotionVector expected) => SquaresOf(vector == expected ? Expected : Unexpected + Tenths(vector.Rows - expected.Rows) + Tenths(vector.Columns - expected.Columns));

    /// <summary>Squared levels that any vector but the expected one costs at least.</summary>
    public long LeastSquares => SquaresOf(Unexpected + Tenths(0) + Tenths(1));

    /// <summary>The same from the parts that depend on rows and on columns only, each by <see cref="HalfBits"/>.</summary>
    public int Of(int halfBits) => halfBits * _halfBit >> 16;

    private long SquaresOf(int tenths) => tenths * _squaresOfTenth >> 16;

    /// <summary>Of one part of a difference.</summary>
    private static int Tenths(int difference) => (20 * BitOperations.Log2((uint)int.Abs(difference) + 1)) + (difference == 0 ? 5 : 15);

    /// <summary>Of one part of a vector. Half a bit for none; else two per power of two, and one and a half.</summary>
    public static int HalfBits(int difference) => difference == 0 ? 1 : (4 * BitOperations.Log2((uint)int.Abs(difference) + 1)) + 3;
}
