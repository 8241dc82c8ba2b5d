using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

/// <summary>
/// What codes y by contexts, the slow obvious way: every context is found by its definition (docs/bitstream.md §11), from the symbols themselves. Writes the choices of one frame.
/// </summary>
internal sealed class PlainSymbols
{
    private readonly LatentShape _shape;
    private readonly int _q;
    private readonly int _intra;
    private readonly int[] _starts;
    private readonly int[] _weights;
    private readonly int[,,,] _symbols; // [half, channel, row, column], those coded so far: their differences to what was predicted
    private readonly int[,,,] _values; // the symbols themselves
    private readonly int[,,,] _scales;
    private readonly bool[,] _coded;
    private readonly PlainChoices _choices;
    private readonly List<BinaryChoice> _signs = []; // those that come last

    private PlainSymbols(LatentShape shape, int levels, int qGroups, int[] logits, int[] weights, int q, bool intra, int[] z, bool[,] coded)
    {
        (int y, int c) = (shape.YChannels, shape.HalfChannels);
        int[] contexts = [levels * 10, y * 26, y * 30, 2080, y * 45, qGroups * 130, 1248, y * 20];
        _shape = shape;
        _q = q;
        _intra = intra ? 1 : 0;
        _starts = PlainChoices.StartsOf([.. contexts.Select(count => 12 * count)]);
        _choices = new PlainChoices(logits);
        _weights = weights;
        _symbols = new int[2, c, shape.YHeight, shape.YWidth];
        _values = new int[2, c, shape.YHeight, shape.YWidth];
        _scales = new int[2, c, shape.YHeight, shape.YWidth];
        _coded = coded;
        var scales = new ScaleDecoder(shape, levels);
        scales.Decode(z);
        Each((h, j, row, column) => _scales[h, j, row, column] = scales.Row(h, j, row)[column]);
    }

    /// <summary>The choices of the symbols of the coded cells, and the signs behind them.</summary>
    public static (List<BinaryChoice> Choices, List<BinaryChoice> Signs) Choices(LatentShape shape, int levels, int qGroups, int[] logits, int[] weights, int q, bool intra, int[] z, int[] y0, int[] y1, bool[,] coded)
    {
        PlainSymbols plain = new(shape, levels, qGroups, logits, weights, q, intra, z, coded);
        plain.Each((h, j, row, column) =>
        {
            if (coded[row, column])
            {
                plain.Put(h, j, row, column, (h == 0 ? y0 : y1)[(((j * shape.YHeight) + row) * shape.YWidth) + column]);
            }
        });
        return (plain._choices.Choices, plain._signs);
    }

    /// <summary>The first symbol of one coded cell says that it is larger than 3, and so many times that it has still more bits.</summary>
    public static List<BinaryChoice> Sizes(LatentShape shape, int levels, int qGroups, int[] logits, int bits)
    {
        PlainSymbols plain = new(shape, levels, qGroups, logits, new int[28], 0, true, [0, 0], new[,] { { true } });
        int[] rows = plain.Rows(0, 0, 0, 0);
        for (int t = 0; t < 4 + bits; t++)
        {
            plain._choices.Put([.. rows.Select(row => row + int.Min(t, 11))], true);
        }

        if (bits <= 30)
        {
            plain._choices.Put([.. rows.Select(row => row + int.Min(4 + bits, 11))], false);
        }

        return plain._choices.Choices;
    }

    private void Put(int h, int j, int row, int column, int symbol)
    {
        long difference = symbol - (long)Predicted(h, j, row, column);
        _choices.PutMagnitude(Rows(h, j, row, column), Math.Abs(difference), 4, 12);
        if (difference != 0 && _intra == 1)
        {
            _choices.PutEven(difference < 0);
        }
        else if (difference != 0)
        {
            _signs.Add(new BinaryChoice(32768, difference < 0));
        }

        _symbols[h, j, row, column] = (int)difference;
        _values[h, j, row, column] = symbol;
    }

    private int Predicted(int h, int j, int row, int column)
    {
        if (_intra == 0 || j > 3)
        {
            return 0;
        }

        int[] predictors = [Value(h, j, row - 1, column - 1), Value(h, j, row - 1, column + 1), .. Enumerable.Range(0, j).Select(before => Value(h, before, row, column))];
        int skipped = (14 * h) + Enumerable.Range(0, j).Sum(before => 2 + before);
        long sum = predictors.Zip(_weights.Skip(skipped), (value, weight) => (long)value * weight).Sum();
        return (int)Math.Floor((sum + 128) / 256.0);
    }

    private int Value(int h, int j, int row, int column) => Inside(row, column) ? Math.Clamp(_values[h, j, row, column], -32767, 32767) : 0;

    /// <summary>Where the symbol's row of each table begins.</summary>
    private int[] Rows(int h, int j, int row, int column) => [.. Contexts(h, j, row, column).Select((context, table) => _starts[table] + (12 * context))];

    private int[] Contexts(int h, int j, int row, int column)
    {
        int k = (row + column) % 2 == 0 == (h == 0) ? j : j + _shape.HalfChannels;
        int scale = _scales[h, j, row, column];
        int l = PlainChoices.Step(scale, 1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 23, 31);
        int r = PlainChoices.Step(Shown(row, column), 1, 2, 3, 5, 8, 12, 17, 25, 41);
        int n = PlainChoices.Step(Shown(row, column - 1) + Shown(row, column + 1) + Shown(row - 1, column) + Shown(row + 1, column), 1, 3, 6, 12, 24, 48, 96);
        int beside = h == 0
            ? 2 * (Of(0, j, row - 1, column - 1, 9999) + Of(0, j, row - 1, column + 1, 9999))
            : Of(0, j, row, column - 1, 9999) + Of(0, j, row, column + 1, 9999) + Of(0, j, row - 1, column, 9999) + Of(0, j, row + 1, column, 9999);
        int b = PlainChoices.Step(beside, 1, 2, 3, 6, 12, 24, 40, 64, 96);
        int p = h == 1 ? Of(0, j, row, column, 2) : 0;
        int q = Of(h, j - (_shape.HalfChannels / 4), row, column, 2);
        int o = Of(h, j - 1, row, column, 2) + Of(h, j - 2, row, column, 2);
        int sum = 0;
        Each((half, channel, y, x) => sum += y == row && x == column ? _scales[half, channel, y, x] : 0);
        int a = sum / 8 == 0 ? 0 : Math.Min(11, Convert.ToString(sum / 8, 2).Length);
        int g = Math.Min(3, Coded(row, column - 1) + Coded(row, column + 1) + Coded(row - 1, column) + Coded(row + 1, column));
        return
        [
            (scale * 10) + r,
            (((k * 13) + l) * 2) + _intra,
            (((k * 10) + b) * 3) + p,
            (((((r * 8) + n) * 13) + l) * 2) + _intra,
            (((((k * 3) + p) * 3) + q) * 5) + o,
            (((((_q / 8 * 2) + _intra) * 13) + l) * 5) + o,
            (((a * 13) + l) * 8) + (2 * g) + h,
            (((k * 10) + r) * 2) + _intra,
        ];
    }

    private int Shown(int row, int column)
    {
        int sum = 0;
        for (int channel = 0; channel < _shape.YChannels; channel++)
        {
            sum += Of(channel / _shape.HalfChannels, channel % _shape.HalfChannels, row, column, 3);
        }

        return sum;
    }

    private int Of(int h, int j, int row, int column, int most) => j < 0 || !Inside(row, column) ? 0 : (int)Math.Min(Math.Abs((long)_symbols[h, j, row, column]), most);

    private int Coded(int row, int column) => Inside(row, column) && _coded[row, column] ? 1 : 0;

    private bool Inside(int row, int column) => row >= 0 && row < _shape.YHeight && column >= 0 && column < _shape.YWidth;

    private void Each(Action<int, int, int, int> visit)
    {
        for (int n = 0; n < 2 * _shape.HalfCount; n++)
        {
            int cell = n % (_shape.YHeight * _shape.YWidth);
            int channel = n / (_shape.YHeight * _shape.YWidth);
            visit(channel / _shape.HalfChannels, channel % _shape.HalfChannels, cell / _shape.YWidth, cell % _shape.YWidth);
        }
    }
}
