using System.Runtime.CompilerServices;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// What is known of a symbol of y before it is read, as the rows of logits that its choices use (docs/bitstream.md §11): its channel and scale, what the symbols before it in its
/// cell and in the cells around came to, how much the cell's scales expect, and the frame's quality and kind. Call <see cref="Start"/>, then for each channel in the order of coding
/// <see cref="StartChannel"/>, then for each coded cell <see cref="Find"/> and, unless it is zero, <see cref="Note"/>. No allocation per frame. One thread.
/// </summary>
internal sealed class SymbolContexts
{
    /// <summary>Steps of what the cell has shown.</summary>
    public const int ShownSteps = 10;

    /// <summary>Steps of the scale.</summary>
    public const int LevelSteps = 13;

    /// <summary>Steps of what the four cells around have shown.</summary>
    public const int AroundSteps = 8;

    /// <summary>Steps of what the same channel is in cells beside.</summary>
    public const int BesideSteps = 10;

    /// <summary>Steps of one symbol: 0, 1, 2 or more.</summary>
    public const int Twice = 3;

    /// <summary>Steps of the two symbols before.</summary>
    public const int BeforeSteps = 5;

    /// <summary>Steps of the sum of the cell's scales.</summary>
    public const int CellSteps = 12;

    /// <summary>Steps of how many of the four cells around are coded.</summary>
    public const int CodedSteps = 4;

    /// <summary>Choices by magnitude before Exp-Golomb: is it more than 0, 1, 2, 3?</summary>
    public const int Sizes = 4;

    /// <summary>Logits in a row: one for each of those choices, and eight for how many bits a larger magnitude has.</summary>
    public const int RowLength = Sizes + 8;

    /// <summary>What a symbol adds at most to what its cell has shown.</summary>
    private const int Largest = 3;

    /// <summary>The largest number that steps ask for.</summary>
    private const int Farthest = 96;

    private static readonly byte[] StepOfShown = Steps([1, 2, 3, 5, 8, 12, 17, 25, 41]);
    private static readonly byte[] StepOfAround = Steps([1, 3, 6, 12, 24, 48, 96]);
    private static readonly byte[] StepOfBeside = Steps([1, 2, 3, 6, 12, 24, 40, 64, Farthest]);
    private static readonly byte[] StepOfScale = Steps([1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31]);

    private readonly LatentShape _shape;
    private readonly CodedCells _cells;
    private readonly ScaleDecoder _scales;
    private readonly int[] _starts = new int[LogitRows.Length];

    // Planes have an edge of cells that stay zero, so that no cell lacks a neighbour.
    private readonly int _stride;
    private readonly int _area;
    private readonly byte[] _coded; // 1: coded
    private readonly int[] _shown;
    private readonly byte[] _bounded; // [2 halves, channels and one that stays zero], min(|symbol|, Farthest)

    // Of the coded cells, in their order.
    private readonly int[] _positions;
    private readonly byte[] _parities; // of row + column
    private readonly int[] _ofCell; // what of the cell chooses its row in table 6
    private readonly short[] _scaleOf; // of the channel's symbol

    private int _intra;
    private int _quality;
    private int _half;
    private int _own; // planes of _bounded
    private int _first;
    private int _previous;
    private int _beforePrevious;
    private int _quarterBefore;
    private int _evenChannel; // of y, where row + column is even
    private int _oddChannel;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="levels">Scale levels.</param>
    /// <param name="qGroups">Groups of quality indices that share logits.</param>
    /// <param name="cells">Which cells are coded.</param>
    /// <param name="scales">The frame's scales.</param>
    public SymbolContexts(LatentShape shape, int levels, int qGroups, CodedCells cells, ScaleDecoder scales)
    {
        Span<long> starts = stackalloc long[LogitRows.Length + 1];
        FindStarts(shape.YChannels, levels, qGroups, starts);
        for (int table = 0; table < _starts.Length; table++)
        {
            _starts[table] = checked((int)starts[table]);
        }

        _shape = shape;
        _cells = cells;
        _scales = scales;
        _stride = shape.YWidth + 2;
        _area = (shape.YHeight + 2) * _stride;
        _coded = new byte[_area];
        _shown = new int[_area];
        _bounded = new byte[(shape.YChannels + 1) * _area];
        int count = shape.YHeight * shape.YWidth;
        _positions = new int[count];
        _parities = new byte[count];
        _ofCell = new int[count];
        _scaleOf = new short[count];
    }

    /// <summary>How many logits a model has.</summary>
    public static long CountOf(int yChannels, int levels, int qGroups)
    {
        Span<long> starts = stackalloc long[LogitRows.Length + 1];
        FindStarts(yChannels, levels, qGroups, starts);
        return starts[LogitRows.Length];
    }

    /// <summary>Before the first symbol of a frame, whose coded cells and scales are known.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="intra">The frame is predicted from the all-zero state.</param>
    public void Start(int qIndex, bool intra)
    {
        _coded.AsSpan().Clear();
        _shown.AsSpan().Clear();
        _bounded.AsSpan().Clear();
        _intra = intra ? 1 : 0;
        _quality = ((qIndex / ContextLogits.QStep) * 2) + _intra;
        ReadOnlySpan<int> places = _cells.Places;
        for (int k = 0; k < places.Length; k++)
        {
            (int row, int column) = int.DivRem(places[k], _shape.YWidth);
            _positions[k] = ((row + 1) * _stride) + column + 1;
            _parities[k] = (byte)((row + column) & 1);
            _coded[_positions[k]] = 1;
        }

        SumScales(places);
        for (int k = 0; k < places.Length; k++)
        {
            int position = _positions[k];
            int around = _coded[position - 1] + _coded[position + 1] + _coded[position - _stride] + _coded[position + _stride];
            _ofCell[k] = (StepOfCell(_ofCell[k]) * LevelSteps * CodedSteps * 2) + (2 * int.Min(around, CodedSteps - 1));
        }
    }

    /// <summary>Before the first symbol of a channel.</summary>
    public void StartChannel(int half, int channel)
    {
        int channels = _shape.HalfChannels;
        int quarter = channels / 4;
        int zero = _shape.YChannels * _area;
        _half = half;
        _own = ((half * channels) + channel) * _area;
        _first = half == 1 ? channel * _area : zero;
        _previous = channel >= 1 ? _own - _area : zero;
        _beforePrevious = channel >= 2 ? _own - (2 * _area) : zero;
        _quarterBefore = channel >= quarter ? _own - (quarter * _area) : zero;
        _evenChannel = half == 0 ? channel : channel + channels;
        _oddChannel = half == 0 ? channel + channels : channel;
        if (channel % _shape.ScaleRepeat == 0)
        {
            ReadScales(half, channel);
        }
    }

    /// <summary>The rows of the symbol in coded cell <paramref name="k"/>.</summary>
    public void Find(int k, out LogitRows rows)
    {
        int position = _positions[k];
        byte[] bounded = _bounded;
        int[] shown = _shown;
        int scale = _scaleOf[k];
        int channel = _parities[k] == 0 ? _evenChannel : _oddChannel;
        int level = StepOf(StepOfScale, scale);
        int seen = StepOf(StepOfShown, shown[position]);
        int around = StepOf(StepOfAround, shown[position - 1] + shown[position + 1] + shown[position - _stride] + shown[position + _stride]);
        int beside = StepOf(
            StepOfBeside,
            _half == 0
                ? 2 * (bounded[_own + position - _stride - 1] + bounded[_own + position - _stride + 1])
                : bounded[_first + position - 1] + bounded[_first + position + 1] + bounded[_first + position - _stride] + bounded[_first + position + _stride]);
        int first = int.Min(bounded[_first + position], Twice - 1);
        int quarterBefore = int.Min(bounded[_quarterBefore + position], Twice - 1);
        int before = int.Min(bounded[_previous + position], Twice - 1) + int.Min(bounded[_beforePrevious + position], Twice - 1);

        Unsafe.SkipInit(out rows);
        ReadOnlySpan<int> starts = _starts;
        rows[0] = starts[0] + (RowLength * ((scale * ShownSteps) + seen));
        rows[1] = starts[1] + (RowLength * ((((channel * LevelSteps) + level) * 2) + _intra));
        rows[2] = starts[2] + (RowLength * ((((channel * BesideSteps) + beside) * Twice) + first));
        rows[3] = starts[3] + (RowLength * ((((((seen * AroundSteps) + around) * LevelSteps) + level) * 2) + _intra));
        rows[4] = starts[4] + (RowLength * ((((((channel * Twice) + first) * Twice) + quarterBefore) * BeforeSteps) + before));
        rows[5] = starts[5] + (RowLength * ((((_quality * LevelSteps) + level) * BeforeSteps) + before));
        rows[6] = starts[6] + (RowLength * (_ofCell[k] + (level * CodedSteps * 2) + _half));
        rows[7] = starts[7] + (RowLength * ((((channel * ShownSteps) + seen) * 2) + _intra));
    }

    /// <summary>Takes in a symbol of the channel.</summary>
    /// <param name="k">Its coded cell.</param>
    /// <param name="magnitude">|symbol|, or of its difference to what was predicted.</param>
    public void Note(int k, int magnitude)
    {
        int position = _positions[k];
        _bounded[_own + position] = (byte)int.Min(magnitude, Farthest);
        _shown[position] += int.Min(magnitude, Largest);
    }

    /// <summary>The scales of one channel's symbols; the channels of a repeat group share them.</summary>
    private void ReadScales(int half, int channel)
    {
        ReadOnlySpan<int> places = _cells.Places;
        int width = _shape.YWidth;
        for (int k = 0; k < places.Length;)
        {
            int row = places[k] / width;
            ReadOnlySpan<short> own = _scales.Row(half, channel, row);
            for (int first = row * width; k < places.Length && places[k] < first + width; k++)
            {
                _scaleOf[k] = own[places[k] - first];
            }
        }
    }

    /// <summary>The sums of the scales of all symbols of each coded cell.</summary>
    private void SumScales(ReadOnlySpan<int> places)
    {
        _ofCell.AsSpan(0, places.Length).Clear();
        for (int half = 0; half < 2; half++)
        {
            for (int channel = 0; channel < _shape.HalfChannels; channel += _shape.ScaleRepeat)
            {
                ReadScales(half, channel);
                for (int k = 0; k < places.Length; k++)
                {
                    _ofCell[k] += _shape.ScaleRepeat * _scaleOf[k];
                }
            }
        }
    }

    private static int StepOfCell(int sum) => int.Min(CellSteps - 1, 32 - int.LeadingZeroCount(sum >> 3));

    private static int StepOf(byte[] steps, int sum) => steps[int.Min(sum, steps.Length - 1)];

    /// <summary>By value, the last standing for all larger ones: how many of <paramref name="least"/> it reaches.</summary>
    private static byte[] Steps(ReadOnlySpan<byte> least)
    {
        byte[] steps = new byte[least[^1] + 1];
        for (int step = 0; step < least.Length; step++)
        {
            steps.AsSpan(least[step]).Fill((byte)(step + 1));
        }

        return steps;
    }

    /// <summary>Where each table starts, and behind the last one where all end. In 64 bits: nothing was checked yet when a bundle is read.</summary>
    private static void FindStarts(int yChannels, int levels, int qGroups, Span<long> starts)
    {
        ReadOnlySpan<long> rows =
        [
            (long)levels * ShownSteps,
            (long)yChannels * LevelSteps * 2,
            (long)yChannels * BesideSteps * Twice,
            ShownSteps * AroundSteps * LevelSteps * 2,
            (long)yChannels * Twice * Twice * BeforeSteps,
            (long)qGroups * 2 * LevelSteps * BeforeSteps,
            CellSteps * LevelSteps * CodedSteps * 2,
            (long)yChannels * ShownSteps * 2,
        ];
        starts[0] = 0;
        for (int table = 0; table < LogitRows.Length; table++)
        {
            starts[table + 1] = starts[table] + (rows[table] * RowLength);
        }
    }
}
