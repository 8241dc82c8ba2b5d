using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Reconsiders the vectors of a field once all are there: a block's vector is what its neighbours are predicted from, so that one which costs a little more itself
/// may save more beside it. Block after block takes what makes squared differences and bits least, its own and those of the blocks it serves: iterated conditional
/// modes (Besag 1986). No allocation per picture. One thread at a time.
/// </summary>
internal sealed class MotionRefinement
{
    private const int Block = MotionField.BlockSize;
    private const int Passes = 3;

    /// <summary>The vector held, expected and of six neighbours and times, and six near it.</summary>
    private const int MostCandidates = 16;

    private readonly MotionVector[] _candidates = new MotionVector[MostCandidates];

    /// <param name="picture">To be coded.</param>
    /// <param name="luma">Of the picture that it is predicted from.</param>
    /// <param name="price">Of bits.</param>
    /// <param name="before">The field of the frame coded before this one: what moved then may move on.</param>
    /// <param name="field">Improved.</param>
    public void Improve(VideoFrame picture, HalfSamples luma, MotionPrice price, MotionField before, MotionField field)
    {
        for (int pass = 0, changed = 1; pass < Passes && changed > 0; pass++)
        {
            changed = 0;
            for (int row = 0; row < field.Rows; row++)
            {
                for (int column = 0; column < field.Columns; column++)
                {
                    int count = FindCandidates(field, before, row, column);
                    MotionVector held = field[row, column];
                    if (count > 1 && Best(picture, luma, price, field, row, column, count) is var best && best != held)
                    {
                        field[row, column] = best;
                        changed++;
                    }
                }
            }
        }
    }

    private MotionVector Best(VideoFrame picture, HalfSamples luma, MotionPrice price, MotionField field, int row, int column, int count)
    {
        ReadOnlySpan<byte> block = picture.Y[((row * Block * picture.Width) + (column * Block))..];
        ref MotionVector vector = ref field[row, column];
        MotionVector held = vector;
        MotionVector best = held;
        long least = long.MaxValue;
        foreach (MotionVector candidate in _candidates.AsSpan(0, count))
        {
            vector = candidate;
            long weight = price.SquaresOf(TenthsAround(field, row, column));
            if (weight < least)
            {
                weight += new QuarterSamples(luma, row * Block, column * Block, candidate).SquaresTo(block, picture.Width);
            }

            if (weight < least)
            {
                (best, least) = (candidate, weight);
            }
        }

        vector = held;
        return best;
    }

    /// <summary>The one held comes first: at equal weight it stays.</summary>
    private int FindCandidates(MotionField field, MotionField before, int row, int column)
    {
        MotionVector held = field[row, column];
        MotionVector expected = field.Predict(row, column, out _);
        int count = 0;
        Add(held, ref count);
        Add(expected, ref count);
        Add(default, ref count);
        Add(before[row, column], ref count);
        if (column > 0)
        {
            Add(field[row, column - 1], ref count);
        }

        if (row > 0)
        {
            Add(field[row - 1, column], ref count);
        }

        if (column + 1 < field.Columns)
        {
            Add(field[row, column + 1], ref count);
        }

        if (row + 1 < field.Rows)
        {
            Add(field[row + 1, column], ref count);
        }

        if (held != expected)
        {
            Add(held with { Rows = (short)(held.Rows - 1) }, ref count);
            Add(held with { Rows = (short)(held.Rows + 1) }, ref count);
            Add(held with { Columns = (short)(held.Columns - 1) }, ref count);
            Add(held with { Columns = (short)(held.Columns + 1) }, ref count);
            Add(held with { Rows = expected.Rows }, ref count);
            Add(held with { Columns = expected.Columns }, ref count);
        }

        return count;
    }

    private void Add(MotionVector vector, ref int count)
    {
        if (vector.IsWithinReach && !_candidates.AsSpan(0, count).Contains(vector))
        {
            _candidates[count++] = vector;
        }
    }

    /// <summary>Tenths of bits of a block's vector and of those that it helps to predict.</summary>
    private static int TenthsAround(MotionField field, int row, int column)
    {
        int tenths = Tenths(field, row, column);
        if (column + 1 < field.Columns)
        {
            tenths += Tenths(field, row, column + 1);
        }

        if (row + 1 < field.Rows)
        {
            tenths += Tenths(field, row + 1, column);
            tenths += column > 0 ? Tenths(field, row + 1, column - 1) : 0;
        }

        return tenths;
    }

    private static int Tenths(MotionField field, int row, int column)
    {
        MotionVector vector = field[row, column];
        MotionVector expected = field.Predict(row, column, out bool agree);
        int around = (column > 0 && Differs(field, row, column - 1) ? 1 : 0) + (row > 0 && Differs(field, row - 1, column) ? 1 : 0);
        return MotionPrice.Tenths(vector, expected, around, agree);
    }

    private static bool Differs(MotionField field, int row, int column) => field[row, column] != field.Predict(row, column, out _);
}
