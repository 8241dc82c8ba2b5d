using System.Numerics;

namespace MlvcRtc.Codec.Motion;

/// <summary>What a vector costs in the search, in luma levels of absolute difference: its bits, roughly, times what a bit is worth at a quality.</summary>
internal readonly struct MotionPrice
{
    /// <summary>A bit at quality index 0: 1.5·255/√λ with λ = 50 (models/mlvc/motion.py, whose networks are trained so), in 1/65536 levels.</summary>
    private const long Coarsest = 3_545_073;

    /// <summary>From one quality index to the next: λ grows from 50 to 5000 over 63 steps, so a bit's worth falls by 10^(−1/63); in 1/65536.</summary>
    private const long Step = 63_184;

    private readonly int _halfBit;

    /// <param name="qIndex">Quality index before the hierarchical shift, 0 (coarsest) and up.</param>
    public MotionPrice(int qIndex)
    {
        long bit = Coarsest;
        for (int q = 0; q < qIndex; q++)
        {
            bit = bit * Step >> 16;
        }

        _halfBit = (int)(bit >> 1);
    }

    /// <summary>Levels that a vector costs where another is expected.</summary>
    public int Of(MotionVector vector, MotionVector expected) => Of(HalfBits(vector.Rows - expected.Rows) + HalfBits(vector.Columns - expected.Columns));

    /// <summary>The same from the parts that depend on rows and on columns only, each by <see cref="HalfBits"/>.</summary>
    public int Of(int halfBits) => halfBits * _halfBit >> 16;

    /// <summary>Of one part of a vector. Half a bit for none; else two per power of two, and one and a half.</summary>
    public static int HalfBits(int difference) => difference == 0 ? 1 : (4 * BitOperations.Log2((uint)int.Abs(difference) + 1)) + 3;
}
