namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The cells of y, positions of 16x16 luma samples, that have a symbol other than zero, and how much each of them has shown so far: the context that chooses
/// among the tables of a scale (docs/bitstream.md §11). Symbols of other cells are not coded. No allocation per frame. One thread.
/// </summary>
internal sealed class CodedCells
{
    /// <summary>Contexts that tables exist for.</summary>
    public const int Contexts = 10;

    /// <summary>What a symbol adds at most.</summary>
    private const int Largest = 3;

    private const int FlagContexts = 4;

    private static readonly byte[] ContextOfSum = ContextsOfSums();

    private readonly int _width;
    private readonly AdaptiveOdds _odds = new(FlagContexts);
    private readonly BinaryChoice[] _choices;
    private readonly bool[] _coded;
    private readonly int[] _places;
    private readonly int[] _shown;
    private readonly int[] _values;
    private readonly short[] _scales;
    private readonly short[] _tables;

    public CodedCells(LatentShape shape)
    {
        _width = shape.YWidth;
        int cells = shape.YHeight * shape.YWidth;
        _choices = new BinaryChoice[cells];
        _coded = new bool[cells];
        _places = new int[cells];
        _shown = new int[cells];
        _values = new int[cells];
        _scales = new short[cells];
        _tables = new short[cells];
    }

    /// <summary>The coded cells, by position row·width + column.</summary>
    public ReadOnlySpan<int> Places => _places.AsSpan(0, Count);

    /// <summary>Of the coded cells, in the order of <see cref="Places"/>: one channel's symbols.</summary>
    public Span<int> Values => _values.AsSpan(0, Count);

    private int Count { get; set; }

    /// <summary>Finds the cells that symbols need, and all that each of them shows.</summary>
    public void Find(ReadOnlySpan<int> y0, ReadOnlySpan<int> y1)
    {
        _coded.AsSpan().Clear();
        Mark(y0);
        Mark(y1);
        ListCoded();
        Show(y0);
        Show(y1);
    }

    /// <summary>The flags as choices, in the order of reading. Valid until the next call.</summary>
    public ReadOnlySpan<BinaryChoice> Flags()
    {
        _odds.Forget();
        for (int cell = 0; cell < _coded.Length; cell++)
        {
            int context = FlagContext(cell);
            _choices[cell] = new BinaryChoice(_odds.NoSlots(context), _coded[cell]);
            _odds.Count(context, _coded[cell]);
        }

        return _choices;
    }

    /// <summary>Reads the flags; no cell has shown anything then. False when the bytes are damaged.</summary>
    public bool ReadFlags(ref RansDecoder data)
    {
        _odds.Forget();
        for (int cell = 0; cell < _coded.Length; cell++)
        {
            int context = FlagContext(cell);
            _coded[cell] = data.Take(_odds.NoSlots(context));
            _odds.Count(context, _coded[cell]);
        }

        ListCoded();
        return data.Status == EntropyStatus.Ok;
    }

    /// <summary>Reads the scales of one channel's symbols; the channels of a repeat group share them.</summary>
    public void ReadScales(ScaleDecoder scales, int half, int channel)
    {
        for (int k = 0; k < Count;)
        {
            int row = _places[k] / _width;
            ReadOnlySpan<short> own = scales.Row(half, channel, row);
            for (int first = row * _width; k < Count && _places[k] < first + _width; k++)
            {
                _scales[k] = own[_places[k] - first];
            }
        }
    }

    /// <summary>The tables of one channel's symbols, by what the cells have shown and by the scales last read.</summary>
    /// <param name="levels">Tables per context.</param>
    public ReadOnlySpan<short> Tables(int levels)
    {
        for (int k = 0; k < Count; k++)
        {
            _tables[k] = (short)(_scales[k] + (levels * ContextOfSum[int.Min(_shown[k], ContextOfSum.Length - 1)]));
        }

        return _tables.AsSpan(0, Count);
    }

    /// <summary>Takes one channel's symbols into <see cref="Values"/> and out of what the cells have shown: the writer goes backwards.</summary>
    public void Gather(ReadOnlySpan<int> channel)
    {
        for (int k = 0; k < Count; k++)
        {
            int value = channel[_places[k]];
            _values[k] = value;
            _shown[k] -= Bounded(value, Largest);
        }
    }

    /// <summary>Puts <see cref="Values"/> where they belong in a channel, whose other symbols are zero, and to what the cells have shown.</summary>
    public void Scatter(Span<int> channel)
    {
        channel.Clear();
        for (int k = 0; k < Count; k++)
        {
            int value = _values[k];
            channel[_places[k]] = value;
            _shown[k] += Bounded(value, Largest);
        }
    }

    /// <summary>How many of the cells at the left, above and above right are coded.</summary>
    private int FlagContext(int cell)
    {
        int column = cell % _width;
        bool above = cell >= _width;
        return (column > 0 && _coded[cell - 1] ? 1 : 0) + (above && _coded[cell - _width] ? 1 : 0) + (above && column + 1 < _width && _coded[cell - _width + 1] ? 1 : 0);
    }

    private void Mark(ReadOnlySpan<int> y)
    {
        for (; y.Length > 0; y = y[_coded.Length..])
        {
            ReadOnlySpan<int> channel = y[.._coded.Length];
            for (int cell = channel.IndexOfAnyExcept(0); cell >= 0;)
            {
                _coded[cell] = true;
                int next = channel[(cell + 1)..].IndexOfAnyExcept(0);
                cell = next < 0 ? -1 : cell + 1 + next;
            }
        }
    }

    private void ListCoded()
    {
        Count = 0;
        for (int cell = 0; cell < _coded.Length; cell++)
        {
            if (_coded[cell])
            {
                _shown[Count] = 0;
                _places[Count++] = cell;
            }
        }
    }

    private void Show(ReadOnlySpan<int> y)
    {
        for (; y.Length > 0; y = y[_coded.Length..])
        {
            for (int k = 0; k < Count; k++)
            {
                _shown[k] += Bounded(y[_places[k]], Largest);
            }
        }
    }

    /// <summary>|symbol|, at most <paramref name="most"/>; also of int.MinValue, which has no absolute value.</summary>
    internal static int Bounded(int symbol, int most) => symbol > most || symbol < -most ? most : int.Abs(symbol);

    private static byte[] ContextsOfSums()
    {
        ReadOnlySpan<byte> first = [0, 1, 2, 3, 5, 8, 12, 17, 25, 41]; // the least sum of each context
        byte[] contexts = new byte[first[^1] + 1];
        for (int context = 0; context < first.Length; context++)
        {
            contexts.AsSpan(first[context]).Fill((byte)context);
        }

        return contexts;
    }
}
