using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Finds from where in the previous picture each block is best taken. Block after block, as they are coded: neighbours' vectors and the best one at half
/// resolution first, where these are poor the best one at a quarter of the resolution, which sees further, then steps of a full, a half and a quarter sample around the one of least
/// absolute difference and price. Then squares decide, as in rate-distortion optimisation (Sullivan and Wiegand 1998): between that one and the vectors that cost little, since most blocks are shown as they are moved.
/// What is found need not be the best; both ends only agree on what is done with it. Allocates nothing per picture. One thread at a time.
/// </summary>
public sealed class MotionSearch
{
    private const int Block = MotionField.BlockSize;

    /// <summary>Full samples in each direction that are searched for every block that needs it.</summary>
    private const int NearReach = 8;

    /// <summary>Absolute difference and price of a block, from which on it is looked for further away: three levels a sample.</summary>
    private const int Poor = 3 * Block * Block;

    private readonly CoarseSearch _half;
    private readonly CoarseSearch _quarter;
    private readonly MotionField _before;
    private readonly MotionRefinement _refinement = new();

    /// <param name="width">Of the pictures, a multiple of 16.</param>
    /// <param name="height">Of the pictures, a multiple of 16.</param>
    public MotionSearch(int width, int height)
    {
        _half = new CoarseSearch(width, height, factor: 2, NearReach);
        _quarter = new CoarseSearch(width, height, factor: 4, MotionVector.Reach);
        _before = new MotionField(width, height);
    }

    /// <summary>Fills <paramref name="field"/>.</summary>
    /// <param name="picture">To be coded.</param>
    /// <param name="previous">Started with the picture that it is predicted from.</param>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="steady">The frames around have about this quality, too.</param>
    /// <param name="field">Overwritten.</param>
    public void Find(VideoFrame picture, MotionCompensation previous, int qIndex, bool steady, MotionField field)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(field);
        MotionPrice price = new(qIndex, steady);
        field.Clear();
        _half.Forget();
        _quarter.Forget();
        for (int row = 0; row < field.Rows; row++)
        {
            for (int column = 0; column < field.Columns; column++)
            {
                Candidates candidates = new(picture.Y[((row * Block * picture.Width) + (column * Block))..], picture.Width, previous.Luma, row * Block, column * Block, field.Predict(row, column, out _), price);
                field[row, column] = Find(ref candidates, field, row, column, picture, previous, price);
            }
        }

        _refinement.Improve(picture, previous.Luma, price, _before, field);
        field.Vectors.CopyTo(_before.Vectors);
    }

    private MotionVector Find(ref Candidates candidates, MotionField field, int row, int column, VideoFrame picture, MotionCompensation previous, MotionPrice price)
    {
        candidates.Weigh(default);
        candidates.Weigh(candidates.Expected);
        if (candidates.Weight <= price.LeastSquares)
        {
            return candidates.Chosen;  // no other vector can be worth its bits
        }

        MotionVector left = column > 0 ? field[row, column - 1] : default;
        MotionVector above = row > 0 ? field[row - 1, column] : default;
        candidates.Try(default);
        candidates.Try(candidates.Expected);
        candidates.Try(left);
        candidates.Try(above);
        candidates.Try(_before[row, column]);
        if (!_half.IsFilled)
        {
            _half.Fill(picture, previous.Luma);
        }

        candidates.Try(_half.Find(row, column, candidates.Expected, price));
        if (candidates.Cost > Poor)
        {
            if (!_quarter.IsFilled)
            {
                _quarter.Fill(_half);
            }

            candidates.Try(_quarter.Find(row, column, candidates.Expected, price));
            candidates.TryAround(step: 8);
        }

        candidates.TryAround(step: 4);
        candidates.TryAround(step: 2);
        candidates.TryAround(step: 1);
        candidates.Weigh(candidates.Best);
        candidates.Weigh(left);
        candidates.Weigh(above);
        return candidates.Chosen;
    }

    /// <summary>The best vector of one block so far.</summary>
    private ref struct Candidates(ReadOnlySpan<byte> block, int stride, HalfSamples luma, int row, int column, MotionVector expected, MotionPrice price)
    {
        private readonly ReadOnlySpan<byte> _block = block;

        public readonly MotionVector Expected => expected;

        /// <summary>Of least absolute difference and price.</summary>
        public MotionVector Best { get; private set; }

        public int Cost { get; private set; } = int.MaxValue;

        /// <summary>Of least squared difference and price among those weighed.</summary>
        public MotionVector Chosen { get; private set; }

        public long Weight { get; private set; } = long.MaxValue;

        public void Weigh(MotionVector vector)
        {
            if (vector == Chosen && Weight != long.MaxValue)
            {
                return;
            }

            long weight = price.SquaresOf(vector, expected);
            if (weight < Weight)
            {
                weight += new QuarterSamples(luma, row, column, vector).SquaresTo(_block, stride);
            }

            if (weight < Weight)
            {
                (Chosen, Weight) = (vector, weight);
            }
        }

        public void Try(MotionVector vector)
        {
            if ((vector == Best && Cost != int.MaxValue) || !vector.IsWithinReach)
            {
                return;
            }

            int fee = price.Of(vector, expected);
            int cost = fee + new QuarterSamples(luma, row, column, vector).DifferenceTo(_block, stride, enough: Cost - fee);
            if (cost < Cost)
            {
                (Best, Cost) = (vector, cost);
            }
        }

        /// <summary>The eight neighbours at a distance, in quarter samples.</summary>
        public void TryAround(int step)
        {
            MotionVector centre = Best;
            for (int down = -step; down <= step; down += step)
            {
                for (int right = -step; right <= step; right += step)
                {
                    if (down != 0 || right != 0)
                    {
                        Try(new MotionVector((short)(centre.Rows + down), (short)(centre.Columns + right)));
                    }
                }
            }
        }
    }
}
