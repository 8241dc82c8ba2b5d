using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Fields of vectors to binary choices and back (docs/bitstream.md §10). One walk over the blocks serves both directions, so that they cannot differ.
/// No allocation once the buffer has grown. One thread at a time.
/// </summary>
public sealed class MotionCoder
{
    // Contexts: does anything move; does the vector differ from its prediction, by whether the neighbours' vectors agree and how many of the blocks left and above
    // differ; is a size larger still, by axis and size.
    private const int Moves = 0;
    private const int Differs = 1;
    private const int NeighboursDisagree = 3;
    private const int Larger = Differs + (2 * NeighboursDisagree);
    private const int Contexts = Larger + (2 * LargestSize);

    /// <summary>floor(log2(|difference| + 1)) of the largest difference, 64 quarter samples.</summary>
    private const int LargestSize = 6;

    private readonly AdaptiveOdds _odds = new(Contexts);
    private BinaryChoice[] _choices = new BinaryChoice[256];
    private bool[] _differs = [];

    /// <summary>The choices that code a field, in the order of reading. Valid until the next call.</summary>
    public ReadOnlySpan<BinaryChoice> Encode(MotionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        Writer writer = new(_odds, _choices);
        Walk(field, ref writer);
        _choices = writer.Choices;
        return _choices.AsSpan(0, writer.Count);
    }

    /// <summary>Reads a field. False when the bytes are damaged; the stream's status says how, and the field is meaningless. Never throws on hostile bytes.</summary>
    public bool Decode(ref RansDecoder data, MotionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        field.Clear();
        Reader reader = new(_odds, data);
        Walk(field, ref reader);
        data = reader.Data;
        return data.Status == EntropyStatus.Ok;
    }

    private void Walk<TCoder>(MotionField field, ref TCoder coder)
        where TCoder : struct, ICoder, allows ref struct
    {
        _odds.Forget();
        if (!coder.Ask(Moves, !field.IsStill))
        {
            return;
        }

        if (_differs.Length < field.Columns)
        {
            _differs = new bool[field.Columns];
        }

        Span<bool> differs = _differs.AsSpan(0, field.Columns); // of this row up to the block, of the row above from it on
        differs.Clear();
        for (int row = 0; row < field.Rows; row++)
        {
            for (int column = 0; column < field.Columns; column++)
            {
                ref MotionVector vector = ref field[row, column];
                MotionVector expected = field.Predict(row, column, out bool agree);
                int around = (column > 0 && differs[column - 1] ? 1 : 0) + (differs[column] ? 1 : 0) + (agree ? 0 : NeighboursDisagree);
                differs[column] = coder.Ask(Differs + around, vector != expected);
                if (!differs[column])
                {
                    vector = expected;
                    continue;
                }

                int rows = Part(ref coder, axis: 0, least: 0, vector.Rows - expected.Rows);
                int columns = Part(ref coder, axis: 1, least: rows == 0 ? 1 : 0, vector.Columns - expected.Columns);
                vector = new MotionVector((short)(expected.Rows + rows), (short)(expected.Columns + columns));
                if (!vector.IsWithinReach)
                {
                    coder.Refuse();
                    return;
                }
            }
        }
    }

    /// <summary>One part of a difference: how many bits |difference| + 1 has below its first, one question each; those bits; the sign.</summary>
    /// <param name="coder">Asks.</param>
    /// <param name="axis">0 rows, 1 columns.</param>
    /// <param name="least">1 where the part cannot be zero, since the other one is.</param>
    /// <param name="difference">What a writer has to say.</param>
    private static int Part<TCoder>(ref TCoder coder, int axis, int least, int difference)
        where TCoder : struct, ICoder, allows ref struct
    {
        int magnitude = int.Abs(difference) + 1;
        int size = least;
        while (size < LargestSize && coder.Ask(Larger + (axis * LargestSize) + size, magnitude >> (size + 1) > 0))
        {
            size++;
        }

        if (size == 0)
        {
            return 0;
        }

        int found = 1;
        for (int bit = size - 1; bit >= 0; bit--)
        {
            found = (2 * found) + (coder.Ask(AdaptiveOdds.Even, (magnitude >> bit & 1) != 0) ? 1 : 0);
        }

        return coder.Ask(AdaptiveOdds.Even, difference < 0) ? 1 - found : found - 1;
    }

    private interface ICoder
    {
        /// <summary>A writer notes the answer; a reader finds it, and answers no once the bytes have proved damaged.</summary>
        bool Ask(int context, bool answer);

        /// <summary>A vector points too far.</summary>
        void Refuse();
    }

    private struct Writer(AdaptiveOdds odds, BinaryChoice[] choices) : ICoder
    {
        public BinaryChoice[] Choices { get; private set; } = choices;

        public int Count { get; private set; }

        public bool Ask(int context, bool answer)
        {
            if (Count == Choices.Length)
            {
                BinaryChoice[] larger = new BinaryChoice[2 * Count];
                Choices.CopyTo(larger, 0);
                Choices = larger;
            }

            Choices[Count++] = new BinaryChoice(odds.NoSlots(context), answer);
            odds.Count(context, answer);
            return answer;
        }

        public readonly void Refuse() => throw new ArgumentException($"A vector points further than {MotionVector.Limit} quarter samples.");
    }

    private ref struct Reader(AdaptiveOdds odds, RansDecoder data) : ICoder
    {
        public RansDecoder Data = data;

        public bool Ask(int context, bool answer)
        {
            bool found = Data.Take(odds.NoSlots(context));
            odds.Count(context, found);
            return found;
        }

        public void Refuse() => Data.Refuse(EntropyStatus.InvalidMotion);
    }
}
