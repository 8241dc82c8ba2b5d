using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Fields of vectors to binary choices and back (docs/bitstream.md §10): does a vector differ from the median of its neighbours; if so, is it that of one neighbour, or none; if not, by how
/// much. One walk over the blocks serves both directions, so that they cannot differ. No allocation once the buffers have grown. One thread at a time.
/// </summary>
public sealed class MotionCoder
{
    /// <summary>floor(log2(|difference| + 1)) of the largest difference, 256 quarter samples.</summary>
    private const int LargestSize = 8;

    /// <summary>Which of left, above and above right are the same: none, left and above, above and above right, left and above right, all.</summary>
    private const int Alike = 5;

    /// <summary>Left, above, above right, above left, none.</summary>
    private const int Candidates = 5;

    private const int SpreadSteps = 7, ApartSteps = 6, RestlessSteps = 6;

    /// <summary>Bits below a difference's first, as a number with a one before it, that have contexts.</summary>
    private const int Prefixes = 32;

    // Tables in their order.
    private const int Moves = 0, Differs = 1, Candidate = Differs + 6, Size = Candidate + 4, Bits = Size + 4, Sign = Bits + 1, Tables = Sign + 3;

    private readonly MixedOdds _odds;
    private readonly int _groups;
    private readonly int[] _starts = new int[Tables];
    private readonly ChoiceList _choices = new();
    private MotionVector[] _differences = []; // to what was expected; with two rows and columns of edge above, left and right

    /// <param name="groups">Groups of quality indices that share logits.</param>
    /// <param name="logits">As many as <see cref="CountOf"/> says.</param>
    /// <exception cref="InvalidDataException">The logits are not as many.</exception>
    public MotionCoder(int groups, TrainedLogits logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        Span<int> starts = stackalloc int[Tables + 1];
        FindStarts(groups, starts);
        if (logits.Count != starts[Tables])
        {
            throw new InvalidDataException($"{logits.Count} logits of vectors; expected {starts[Tables]} for {groups} groups of qualities.");
        }

        starts[..Tables].CopyTo(_starts);
        _groups = groups;
        _odds = new MixedOdds(logits);
    }

    /// <summary>How many logits a model has.</summary>
    public static int CountOf(int groups)
    {
        Span<int> starts = stackalloc int[Tables + 1];
        FindStarts(groups, starts);
        return starts[Tables];
    }

    /// <summary>The choices that code a field, in the order of reading. Valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="field">Vectors within reach.</param>
    /// <exception cref="ArgumentException">A vector points too far.</exception>
    public ReadOnlySpan<BinaryChoice> Encode(int qIndex, MotionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        foreach (MotionVector vector in field.Vectors)
        {
            if (!vector.IsWithinReach)
            {
                throw new ArgumentException($"A vector points further than {MotionVector.Limit} quarter samples.", nameof(field));
            }
        }

        _choices.Clear();
        ChoiceWriter writer = new(_choices);
        Walk(qIndex, field, ref writer);
        return _choices.Choices;
    }

    /// <summary>Reads a field. False when the bytes are damaged; the stream's status says how, and the field is meaningless. Never throws on hostile bytes.</summary>
    public bool Decode(ref RansDecoder data, int qIndex, MotionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        field.Clear();
        ChoiceReader reader = new(data);
        Walk(qIndex, field, ref reader);
        data = reader.Data;
        return data.Status == EntropyStatus.Ok;
    }

    private void Walk<TCoder>(int qIndex, MotionField field, ref TCoder coder)
        where TCoder : struct, IChoices, allows ref struct
    {
        _odds.Forget();
        int group = qIndex / ContextLogits.QStep;
        if (!_odds.Ask(ref coder, [_starts[Moves] + group], 0, !field.IsStill))
        {
            return;
        }

        int stride = field.Columns + 4;
        int area = (field.Rows + 2) * stride;
        if (_differences.Length < area)
        {
            _differences = new MotionVector[area];
        }

        _differences.AsSpan(0, area).Clear();
        int seen = 0;
        for (int row = 0; row < field.Rows; row++)
        {
            for (int column = 0; column < field.Columns && !coder.IsDamaged; column++)
            {
                Block block = new(field, row, column, _differences.AsSpan(), stride, group);
                ref MotionVector vector = ref field[row, column];
                bool differs = AskWhetherItDiffers(ref coder, block, seen, (row * field.Columns) + column, vector);
                vector = differs ? OfAnother(ref coder, block, vector) : block.Expected;
                if (!vector.IsWithinReach)
                {
                    coder.Refuse(EntropyStatus.InvalidMotion);
                    return;
                }

                _differences[block.At] = new MotionVector((short)(vector.Rows - block.Expected.Rows), (short)(vector.Columns - block.Expected.Columns));
                seen += differs ? 1 : 0;
            }
        }
    }

    private bool AskWhetherItDiffers<TCoder>(ref TCoder coder, scoped in Block block, int seen, int soFar, MotionVector vector)
        where TCoder : struct, IChoices, allows ref struct
    {
        int beside = block.LeftDiffers + block.AboveDiffers;
        int pattern = block.LeftDiffers + (2 * block.AboveDiffers) + (4 * block.RightDiffers) + (8 * block.BeforeDiffers);
        ReadOnlySpan<int> rows =
        [
            _starts[Differs] + (pattern * Alike) + block.Alike,
            _starts[Differs + 1] + (((beside * SpreadSteps) + block.Spread) * _groups) + block.Group,
            _starts[Differs + 2] + (Restless(seen, soFar) * 5) + block.Around,
            _starts[Differs + 3] + (((block.Moving * 2) + (block.Expected == default ? 0 : 1)) * Alike) + block.Alike,
            _starts[Differs + 4] + (block.FurtherDiffers * 3) + beside,
            _starts[Differs + 5] + (block.Group * Alike) + block.Alike,
        ];
        return _odds.Ask(ref coder, rows, 0, vector != block.Expected);
    }

    /// <summary>A vector that is not the expected one.</summary>
    private MotionVector OfAnother<TCoder>(ref TCoder coder, scoped in Block block, MotionVector vector)
        where TCoder : struct, IChoices, allows ref struct
    {
        ReadOnlySpan<MotionVector> candidates = [block.Left, block.Above, block.Right, block.Before, default];
        for (int n = 0; n < Candidates; n++)
        {
            MotionVector candidate = candidates[n];
            if (candidate == block.Expected || candidates[..n].Contains(candidate))
            {
                continue;
            }

            ReadOnlySpan<int> rows =
            [
                _starts[Candidate] + (((n * 5) + block.Around) * Alike) + block.Alike,
                _starts[Candidate + 1] + (n * _groups) + block.Group,
                _starts[Candidate + 2] + (n * SpreadSteps) + block.Spread,
                _starts[Candidate + 3] + (((n * 5) + block.Moving) * 4) + (2 * block.LeftDiffers) + block.AboveDiffers,
            ];
            if (_odds.Ask(ref coder, rows, 0, vector == candidate))
            {
                return candidate;
            }
        }

        int down = Part(ref coder, block, new Axis(block, rows: true), vector.Rows - block.Expected.Rows, rowsSize: 0, least: 0);
        int size = int.Log2(int.Abs(down) + 1);
        int right = Part(ref coder, block, new Axis(block, rows: false), vector.Columns - block.Expected.Columns, int.Min(size, 3), least: size == 0 ? 1 : 0);
        return new MotionVector((short)(block.Expected.Rows + down), (short)(block.Expected.Columns + right));
    }

    /// <summary>One part of a difference: how many bits |difference| + 1 has below its first, one question each; those bits; the sign.</summary>
    /// <param name="coder">Asks.</param>
    /// <param name="block">Where.</param>
    /// <param name="axis">Which part.</param>
    /// <param name="given">What a writer has to say.</param>
    /// <param name="rowsSize">For columns: the size of the rows' part, at most 3.</param>
    /// <param name="least">1 where the part cannot be zero, since the other one is.</param>
    private int Part<TCoder>(ref TCoder coder, scoped in Block block, scoped in Axis axis, int given, int rowsSize, int least)
        where TCoder : struct, IChoices, allows ref struct
    {
        int magnitude = int.Abs(given) + 1;
        int size = least;
        for (; size < LargestSize; size++)
        {
            int number = (axis.Number * LargestSize) + size;
            ReadOnlySpan<int> rows =
            [
                _starts[Size] + (((number * 4) + rowsSize) * _groups) + block.Group,
                _starts[Size + 1] + (number * ApartSteps) + axis.Apart,
                _starts[Size + 2] + (((number * 6) + axis.Larger) * 6) + axis.Length,
                _starts[Size + 3] + (number * 5) + block.Around,
            ];
            if (!_odds.Ask(ref coder, rows, 0, magnitude >> (size + 1) > 0))
            {
                break;
            }
        }

        if (size == 0)
        {
            return 0;
        }

        int found = 1;
        for (int bit = size - 1; bit >= 0; bit--)
        {
            bool answer = (magnitude >> bit & 1) != 0;
            int context = _starts[Bits] + (((axis.Number * (LargestSize + 1)) + size) * Prefixes) + found;
            bool one = found < Prefixes ? _odds.Ask(ref coder, [context], 0, answer) : coder.Ask(MixedOdds.Even, answer);
            found = (2 * found) + (one ? 1 : 0);
        }

        ReadOnlySpan<int> signs =
        [
            _starts[Sign] + (axis.Number * 81) + axis.Sides,
            _starts[Sign + 1] + (axis.Number * 9) + axis.SidesOfDifferences,
            _starts[Sign + 2] + (axis.Number * 3) + axis.SideOfExpected,
        ];
        return _odds.Ask(ref coder, signs, 0, given < 0) ? 1 - found : found - 1;
    }

    /// <summary>How many vectors so far differ, in steps.</summary>
    private static int Restless(int seen, int soFar)
    {
        ReadOnlySpan<byte> shares = [64, 24, 12, 6, 3];
        int step = 0;
        while (step < shares.Length && shares[step] * ((10L * seen) + 3) >= (10L * soFar) + 120)
        {
            step++;
        }

        return step;
    }

    private static int SideOf(int value) => int.Sign(value) + 1;

    private static void FindStarts(int groups, Span<int> starts)
    {
        const int axes = 2 * LargestSize;
        ReadOnlySpan<int> contexts =
        [
            groups,
            16 * Alike, 3 * SpreadSteps * groups, RestlessSteps * 5, 5 * 2 * Alike, 3 * 3, groups * Alike,
            Candidates * 5 * Alike, Candidates * groups, Candidates * SpreadSteps, Candidates * 5 * 4,
            axes * 4 * groups, axes * ApartSteps, axes * 6 * 6, axes * 5,
            2 * (LargestSize + 1) * Prefixes,
            2 * 81, 2 * 9, 2 * 3,
        ];
        starts[0] = 0;
        for (int table = 0; table < Tables; table++)
        {
            starts[table + 1] = starts[table] + contexts[table];
        }
    }

    /// <summary>What is known of a block before its vector is.</summary>
    private readonly struct Block
    {
        public Block(MotionField field, int row, int column, ReadOnlySpan<MotionVector> differences, int stride, int group)
        {
            Left = column > 0 ? field[row, column - 1] : default;
            Above = row > 0 ? field[row - 1, column] : default;
            Right = row > 0 && column + 1 < field.Columns ? field[row - 1, column + 1] : default;
            Before = row > 0 && column > 0 ? field[row - 1, column - 1] : default;
            Expected = MotionVector.Median(Left, Above, Right);
            Alike = Left == Above ? (Above == Right ? 4 : 1) : Above == Right ? 2 : Left == Right ? 3 : 0;
            Spread = Thresholds.Reached([1, 3, 5, 9, 17, 33], Distance(Left, Above) + Distance(Above, Right) + Distance(Left, Right));
            Moving = OneIf(Left != default) + OneIf(Above != default) + OneIf(Right != default) + OneIf(Before != default);
            At = ((row + 2) * stride) + column + 2;
            DifferenceLeft = differences[At - 1];
            DifferenceAbove = differences[At - stride];
            LeftDiffers = OneIf(DifferenceLeft != default);
            AboveDiffers = OneIf(DifferenceAbove != default);
            RightDiffers = OneIf(differences[At - stride + 1] != default);
            BeforeDiffers = OneIf(differences[At - stride - 1] != default);
            FurtherDiffers = OneIf(differences[At - 2] != default) + OneIf(differences[At - (2 * stride)] != default);
            Group = group;
        }

        public MotionVector Left { get; }

        public MotionVector Above { get; }

        /// <summary>Above right.</summary>
        public MotionVector Right { get; }

        /// <summary>Above left.</summary>
        public MotionVector Before { get; }

        public MotionVector Expected { get; }

        public int At { get; }

        public int Alike { get; }

        public int Spread { get; }

        public int Moving { get; }

        public MotionVector DifferenceLeft { get; }

        public MotionVector DifferenceAbove { get; }

        public int LeftDiffers { get; }

        public int AboveDiffers { get; }

        public int RightDiffers { get; }

        public int BeforeDiffers { get; }

        public int FurtherDiffers { get; }

        public int Group { get; }

        public int Around => LeftDiffers + AboveDiffers + RightDiffers + BeforeDiffers;

        private static int OneIf(bool condition) => condition ? 1 : 0;

        private static int Distance(MotionVector a, MotionVector b) => int.Abs(a.Rows - b.Rows) + int.Abs(a.Columns - b.Columns);
    }

    /// <summary>The same of one part.</summary>
    private readonly struct Axis
    {
        public Axis(in Block block, bool rows)
        {
            int Of(MotionVector vector) => rows ? vector.Rows : vector.Columns;

            Number = rows ? 0 : 1;
            int expected = Of(block.Expected);
            Apart = Thresholds.Reached([1, 3, 6, 12, 24], int.Abs(Of(block.Left) - Of(block.Above)) + int.Abs(Of(block.Above) - Of(block.Right)));
            Larger = int.Min(int.Log2(int.Max(int.Abs(Of(block.DifferenceLeft)), int.Abs(Of(block.DifferenceAbove))) + 1), 5);
            Length = int.Min(int.Log2(int.Abs(expected) + 1), 5);
            Sides = (((((SideOf(Of(block.Before) - expected) * 3) + SideOf(Of(block.Left) - expected)) * 3) + SideOf(Of(block.Above) - expected)) * 3) + SideOf(Of(block.Right) - expected);
            SidesOfDifferences = (SideOf(Of(block.DifferenceLeft)) * 3) + SideOf(Of(block.DifferenceAbove));
            SideOfExpected = SideOf(expected);
        }

        public int Number { get; }

        public int Apart { get; }

        public int Larger { get; }

        public int Length { get; }

        public int Sides { get; }

        public int SidesOfDifferences { get; }

        public int SideOfExpected { get; }
    }
}
