using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The cells of y, positions of 16x16 luma samples, that have a symbol other than zero, and their flags in the stream (docs/bitstream.md §11). Symbols of other cells
/// are not coded. No allocation per frame. One thread.
/// </summary>
internal sealed class CodedCells
{
    private const int Tables = 6;

    /// <summary>Cells around each side of the picture that are not coded: as far as contexts look.</summary>
    private const int Edge = 2;

    private readonly int _width;
    private readonly int _height;
    private readonly int _stride;
    private readonly int _groups;
    private readonly MixedOdds _odds;
    private readonly ChoiceList _choices = new();
    private readonly int[] _starts = new int[Tables];
    private readonly byte[] _coded; // with edges; 1: coded
    private readonly byte[] _apart; // with edges; 1: the vector differs from what was expected of it
    private readonly byte[] _moves; // with edges; 1: the vector is not zero
    private readonly int[] _places;

    /// <param name="shape">Sizes of y.</param>
    /// <param name="groups">Groups of quality indices that share logits.</param>
    /// <param name="logits">Of the flags, as many as <see cref="CountOf"/> says.</param>
    public CodedCells(LatentShape shape, int groups, TrainedLogits logits)
    {
        (_width, _height, _groups) = (shape.YWidth, shape.YHeight, groups);
        _stride = _width + (2 * Edge);
        _odds = new MixedOdds(logits);
        int area = _stride * (_height + (2 * Edge));
        _coded = new byte[area];
        _apart = new byte[area];
        _moves = new byte[area];
        _places = new int[_width * _height];
        Span<int> starts = stackalloc int[Tables + 1];
        FindStarts(groups, starts);
        starts[..Tables].CopyTo(_starts);
    }

    /// <summary>How many logits a model has.</summary>
    public static int CountOf(int groups)
    {
        Span<int> starts = stackalloc int[Tables + 1];
        FindStarts(groups, starts);
        return starts[Tables];
    }

    /// <summary>The coded cells, by position row·width + column.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    private int Count { get; set; }

    /// <summary>Finds the cells that symbols need.</summary>
    public void Find(ReadOnlySpan<int> y0, ReadOnlySpan<int> y1)
    {
        _coded.AsSpan().Clear();
        Mark(y0);
        Mark(y1);
        ListCoded();
    }

    /// <summary>The flags as choices, in the order of reading. Valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="intra">The frame is predicted from the all-zero state.</param>
    /// <param name="motion">The frame's vectors, one per cell; null where it has none.</param>
    public ReadOnlySpan<BinaryChoice> Flags(int qIndex, bool intra, MotionField? motion)
    {
        _choices.Clear();
        ChoiceWriter writer = new(_choices);
        Walk(ref writer, qIndex, intra, motion);
        return _choices.Choices;
    }

    /// <summary>Reads the flags. False when the bytes are damaged.</summary>
    public bool ReadFlags(ref RansDecoder data, int qIndex, bool intra, MotionField? motion)
    {
        _coded.AsSpan().Clear();
        ChoiceReader reader = new(data);
        Walk(ref reader, qIndex, intra, motion);
        data = reader.Data;
        ListCoded();
        return data.Status == EntropyStatus.Ok;
    }

    private void Walk<TCoder>(ref TCoder coder, int qIndex, bool intra, MotionField? motion)
        where TCoder : struct, IChoices, allows ref struct
    {
        _odds.Forget();
        LookAt(motion);
        int kind = intra ? 1 : 0;
        int quality = (qIndex / ContextLogits.QStep * 2) + kind;
        Span<int> rows = stackalloc int[Tables];
        int seen = 0;
        for (int row = 0; row < _height; row++)
        {
            for (int column = 0; column < _width; column++)
            {
                int at = IndexOf(row, column);
                (int left, int above, int aboveRight, int aboveLeft) = (_coded[at - 1], _coded[at - _stride], _coded[at - _stride + 1], _coded[at - _stride - 1]);
                int beside = left + above + aboveRight + aboveLeft;
                rows[0] = _starts[0] + ((left + (2 * above) + (4 * aboveRight) + (8 * aboveLeft)) * 2) + kind;
                rows[1] = _starts[1] + (quality * 5) + beside;
                rows[2] = _starts[2] + (((_apart[at] * 2) + _moves[at]) * 25) + (Around(_apart, at) * 5) + Around(_moves, at);
                rows[3] = _starts[3] + (Busy(seen, (row * _width) + column) * 5) + beside;
                rows[4] = _starts[4] + ((_coded[at - 2] + (2 * _coded[at - (2 * _stride)]) + (4 * _coded[at - _stride + 2]) + (8 * left) + (16 * above)) * 2) + kind;
                rows[5] = _starts[5] + LengthOf(motion is null ? default : motion[row, column]);
                bool coded = _odds.Ask(ref coder, rows, 0, _coded[at] != 0);
                _coded[at] = coded ? (byte)1 : (byte)0;
                seen += coded ? 1 : 0;
            }
        }
    }

    private void LookAt(MotionField? motion)
    {
        _apart.AsSpan().Clear();
        _moves.AsSpan().Clear();
        if (motion is null)
        {
            return;
        }

        for (int row = 0; row < _height; row++)
        {
            for (int column = 0; column < _width; column++)
            {
                MotionVector vector = motion[row, column];
                int at = IndexOf(row, column);
                _moves[at] = vector == default ? (byte)0 : (byte)1;
                _apart[at] = vector == motion.Predict(row, column, out _) ? (byte)0 : (byte)1;
            }
        }
    }

    private int Around(byte[] plane, int at) => plane[at - 1] + plane[at + 1] + plane[at - _stride] + plane[at + _stride];

    /// <summary>How many of the cells so far are coded, in steps.</summary>
    private static int Busy(int seen, int soFar)
    {
        ReadOnlySpan<byte> shares = [1, 3, 5, 11, 21, 32, 43, 53];
        int step = 0;
        while (step < shares.Length && 64L * ((10 * seen) + 3) >= shares[step] * ((10L * soFar) + 60))
        {
            step++;
        }

        return step;
    }

    /// <summary>Steps of a vector's longer part, and how many parts point between samples.</summary>
    private static int LengthOf(MotionVector vector)
    {
        int longer = int.Max(int.Abs(vector.Rows), int.Abs(vector.Columns));
        int between = ((vector.Rows & 3) == 0 ? 0 : 1) + ((vector.Columns & 3) == 0 ? 0 : 1);
        return (int.Min(longer == 0 ? 0 : int.Log2(longer) + 1, 5) * 3) + between;
    }

    private static void FindStarts(int groups, Span<int> starts)
    {
        ReadOnlySpan<int> contexts = [32, 2 * groups * 5, 4 * 25, 9 * 5, 64, 6 * 3];
        starts[0] = 0;
        for (int table = 0; table < Tables; table++)
        {
            starts[table + 1] = starts[table] + contexts[table];
        }
    }

    private int IndexOf(int row, int column) => ((row + Edge) * _stride) + column + Edge;

    private void Mark(ReadOnlySpan<int> y)
    {
        int area = _width * _height;
        for (; y.Length > 0; y = y[area..])
        {
            ReadOnlySpan<int> channel = y[..area];
            for (int cell = channel.IndexOfAnyExcept(0); cell >= 0;)
            {
                _coded[IndexOf(cell / _width, cell % _width)] = 1;
                int next = channel[(cell + 1)..].IndexOfAnyExcept(0);
                cell = next < 0 ? -1 : cell + 1 + next;
            }
        }
    }

    private void ListCoded()
    {
        Count = 0;
        for (int cell = 0; cell < _places.Length; cell++)
        {
            if (_coded[IndexOf(cell / _width, cell % _width)] != 0)
            {
                _places[Count++] = cell;
            }
        }
    }
}
