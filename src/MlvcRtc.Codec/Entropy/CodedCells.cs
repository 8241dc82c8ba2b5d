namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The cells of y, positions of 16x16 luma samples, that have a symbol other than zero, and their flags in the stream (docs/bitstream.md §11). Symbols of other cells
/// are not coded. No allocation per frame. One thread.
/// </summary>
internal sealed class CodedCells
{
    private const int FlagContexts = 4;

    private readonly int _width;
    private readonly AdaptiveOdds _odds = new(FlagContexts);
    private readonly BinaryChoice[] _choices;
    private readonly bool[] _coded;
    private readonly int[] _places;

    public CodedCells(LatentShape shape)
    {
        _width = shape.YWidth;
        int cells = shape.YHeight * shape.YWidth;
        _choices = new BinaryChoice[cells];
        _coded = new bool[cells];
        _places = new int[cells];
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

    /// <summary>Reads the flags. False when the bytes are damaged.</summary>
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
                _places[Count++] = cell;
            }
        }
    }
}
