namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The symbols of z to choices and back (docs/bitstream.md §11): position after position, of each all channels. What tells more of one is how many of the cells under it
/// are coded, what lies left and above, and what the channels before have shown. No allocation per frame. One thread.
/// </summary>
internal sealed class HyperCoder
{
    /// <summary>Questions by size, and logits in a row.</summary>
    private const int Sizes = 16, RowLength = Sizes + 4;

    /// <summary>What a symbol adds at most.</summary>
    private const int Largest = 15;

    private const int Shares = 6, PairSteps = 8, ShownSteps = 9, LastSteps = 7, NearSteps = 7, CodedSteps = 11;

    /// <summary>Eight tables, and behind them one logit per channel for signs.</summary>
    private const int Tables = LogitRows.Length;

    private readonly LatentShape _shape;
    private readonly MixedOdds _odds;
    private readonly ChoiceList _choices = new();
    private readonly int _groups;
    private readonly int[] _starts = new int[Tables + 1];
    private readonly int[] _coded;
    private readonly byte[] _parts; // [channel, row, column], at most Largest
    private readonly int[] _sums; // of those over channels

    public HyperCoder(LatentShape shape, int groups, TrainedLogits logits)
    {
        _shape = shape;
        _groups = groups;
        _odds = new MixedOdds(logits);
        Span<long> starts = stackalloc long[Tables + 2];
        FindStarts(shape.ZChannels, groups, starts);
        for (int table = 0; table <= Tables; table++)
        {
            _starts[table] = (int)starts[table];
        }

        _coded = new int[shape.ZHeight * shape.ZWidth];
        _sums = new int[_coded.Length];
        _parts = new byte[shape.ZCount];
    }

    /// <summary>How many logits a model has.</summary>
    public static long CountOf(int channels, int groups)
    {
        Span<long> starts = stackalloc long[Tables + 2];
        FindStarts(channels, groups, starts);
        return starts[Tables + 1];
    }

    /// <summary>The choices that code z. Valid until the next call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A symbol is int.MinValue, which no reader takes.</exception>
    public ReadOnlySpan<BinaryChoice> Encode(int qIndex, bool intra, ReadOnlySpan<int> codedCells, ReadOnlySpan<int> z)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(z.Contains(int.MinValue), true, nameof(z));
        _choices.Clear();
        ChoiceWriter writer = new(_choices);
        Walk(ref writer, qIndex, intra, codedCells, z, []);
        return _choices.Choices;
    }

    /// <summary>Reads z. False when the bytes are damaged; the stream's status says how. Never throws on hostile bytes.</summary>
    public bool Decode(ref RansDecoder data, int qIndex, bool intra, ReadOnlySpan<int> codedCells, Span<int> z)
    {
        ChoiceReader reader = new(data);
        Walk(ref reader, qIndex, intra, codedCells, [], z);
        data = reader.Data;
        return data.Status == EntropyStatus.Ok;
    }

    private void Walk<TCoder>(ref TCoder coder, int qIndex, bool intra, ReadOnlySpan<int> codedCells, ReadOnlySpan<int> given, Span<int> found)
        where TCoder : struct, IChoices, allows ref struct
    {
        _odds.Forget();
        _parts.AsSpan().Clear();
        CountCoded(codedCells);
        int kind = intra ? 1 : 0;
        int group = qIndex / ContextLogits.QStep;
        for (int row = 0; row < _shape.ZHeight; row++)
        {
            for (int column = 0; column < _shape.ZWidth && !coder.IsDamaged; column++)
            {
                WalkPosition(ref coder, row, column, group, kind, given, found);
            }
        }
    }

    private void WalkPosition<TCoder>(ref TCoder coder, int row, int column, int group, int kind, ReadOnlySpan<int> given, Span<int> found)
        where TCoder : struct, IChoices, allows ref struct
    {
        int width = _shape.ZWidth;
        int size = _shape.ZHeight * width;
        int position = (row * width) + column;
        int share = ShareOf(row, column);
        int near = Thresholds.Reached(NearStarts, (column > 0 ? _sums[position - 1] : 0) + (row > 0 ? _sums[position - width] : 0));
        int coded = Thresholds.Reached(CodedStarts, _coded[position]);
        (int shown, int before, int last) = (0, 0, 0);
        for (int channel = 0; channel < _shape.ZChannels && !coder.IsDamaged; channel++)
        {
            int place = (channel * size) + position;
            int pair = Thresholds.Reached(PairStarts, (column > 0 ? _parts[place - 1] : 0) + (row > 0 ? _parts[place - width] : 0));
            int shownStep = Thresholds.Reached(ShownStarts, shown);
            int lastStep = Thresholds.Reached(LastStarts, before + last);
            LogitRows rows = default;
            rows[0] = _starts[0] + (((((channel * Shares) + share) * 2) + kind) * RowLength);
            rows[1] = _starts[1] + (((channel * PairSteps) + pair) * RowLength);
            rows[2] = _starts[2] + (((channel * ShownSteps) + shownStep) * RowLength);
            rows[3] = _starts[3] + (((channel * LastSteps) + lastStep) * RowLength);
            rows[4] = _starts[4] + (((((((group * 2) + kind) * Shares) + share) * PairSteps) + pair) * RowLength);
            rows[5] = _starts[5] + (((((shownStep * LastSteps) + lastStep) * PairSteps) + pair) * RowLength);
            rows[6] = _starts[6] + (((((near * ShownSteps) + shownStep) * CodedSteps) + coded) * RowLength);
            rows[7] = _starts[7] + (((channel * _groups) + group) * RowLength);
            int symbol = given.IsEmpty ? 0 : given[place];
            int magnitude = new Magnitudes(Sizes, RowLength).Code(ref coder, _odds, rows, int.Abs(symbol));
            bool negative = magnitude != 0 && _odds.Ask(ref coder, [_starts[Tables] + channel], 0, symbol < 0);
            if (given.IsEmpty)
            {
                found[place] = negative ? -magnitude : magnitude;
            }

            int part = int.Min(magnitude, Largest);
            _parts[place] = (byte)part;
            shown += part;
            (before, last) = (last, part);
        }

        _sums[position] = shown;
    }

    private void CountCoded(ReadOnlySpan<int> codedCells)
    {
        _coded.AsSpan().Clear();
        int down = _shape.HyperDownsample;
        foreach (int place in codedCells)
        {
            (int row, int column) = int.DivRem(place, _shape.YWidth);
            _coded[(row / down * _shape.ZWidth) + (column / down)]++;
        }
    }

    /// <summary>By how many of the cells under a position are coded.</summary>
    private int ShareOf(int row, int column)
    {
        int down = _shape.HyperDownsample;
        int cells = int.Min(down, _shape.YHeight - (row * down)) * int.Min(down, _shape.YWidth - (column * down));
        int coded = _coded[(row * _shape.ZWidth) + column];
        if (coded == 0 || coded == cells)
        {
            return coded == 0 ? 0 : 5;
        }

        return (coded * 16 / cells) switch { <= 2 => 1, <= 5 => 2, <= 10 => 3, _ => 4 };
    }

    /// <summary>Where each table starts, then the signs, and behind them where all end. In 64 bits: nothing was checked yet when a bundle is read.</summary>
    private static void FindStarts(int channels, int groups, Span<long> starts)
    {
        ReadOnlySpan<long> contexts =
        [
            (long)channels * Shares * 2,
            (long)channels * PairSteps,
            (long)channels * ShownSteps,
            (long)channels * LastSteps,
            (long)groups * 2 * Shares * PairSteps,
            ShownSteps * LastSteps * PairSteps,
            NearSteps * ShownSteps * CodedSteps,
            (long)channels * groups,
        ];
        starts[0] = 0;
        for (int table = 0; table < Tables; table++)
        {
            starts[table + 1] = starts[table] + (contexts[table] * RowLength);
        }

        starts[Tables + 1] = starts[Tables] + channels;
    }

    private static ReadOnlySpan<byte> PairStarts => [1, 2, 3, 5, 8, 12, 20];

    private static ReadOnlySpan<byte> ShownStarts => [1, 2, 4, 7, 12, 20, 32, 50];

    private static ReadOnlySpan<byte> LastStarts => [1, 2, 3, 5, 8, 14];

    private static ReadOnlySpan<byte> NearStarts => [1, 4, 10, 20, 40, 80];

    private static ReadOnlySpan<byte> CodedStarts => [1, 2, 3, 4, 6, 8, 10, 12, 14, 16];
}
