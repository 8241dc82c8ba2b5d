namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The symbols of y's coded cells to binary choices and back (docs/bitstream.md §11). One walk over channels and cells serves both directions, so that they cannot differ.
/// In key frames each sign follows its magnitude, since later symbols are predicted from whole ones; in others all signs come last, where the stream holds some of them for nothing.
/// No allocation once the buffers have grown. One thread.
/// </summary>
internal sealed class SymbolCoder
{
    private readonly LatentShape _shape;
    private readonly CodedCells _cells;
    private readonly SymbolContexts _contexts;
    private readonly MixedOdds _odds;
    private readonly KeyPrediction _prediction;
    private readonly ChoiceList _choices = new();
    private readonly ChoiceList _signs = new();
    private bool _intra;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="cells">Which cells are coded.</param>
    /// <param name="contexts">Of the same cells.</param>
    /// <param name="logits">As many as the contexts number.</param>
    /// <param name="prediction">Of key frames.</param>
    public SymbolCoder(LatentShape shape, CodedCells cells, SymbolContexts contexts, TrainedLogits logits, KeyPrediction prediction)
    {
        _shape = shape;
        _cells = cells;
        _contexts = contexts;
        _odds = new MixedOdds(logits);
        _prediction = prediction;
    }

    /// <summary>The choices that code the symbols of the coded cells, in the order of reading. Valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift.</param>
    /// <param name="intra">The frame is predicted from the all-zero state.</param>
    /// <param name="y0">Symbols.</param>
    /// <param name="y1">Symbols.</param>
    /// <param name="signs">Those that come behind all others, at the end of the stream.</param>
    /// <exception cref="ArgumentOutOfRangeException">A symbol, or its difference to what a key frame predicts, has a magnitude of 2^31 or more, which no reader takes.</exception>
    public ReadOnlySpan<BinaryChoice> Encode(int qIndex, bool intra, ReadOnlySpan<int> y0, ReadOnlySpan<int> y1, out ReadOnlySpan<BinaryChoice> signs)
    {
        Start(qIndex, intra);
        _choices.Clear();
        _signs.Clear();
        ChoiceWriter writer = new(_choices);
        Walk(0, ref writer, y0, []);
        Walk(1, ref writer, y1, []);
        if (!intra)
        {
            ChoiceWriter behind = new(_signs);
            Sign(ref behind, y0, []);
            Sign(ref behind, y1, []);
        }

        signs = _signs.Choices;
        return _choices.Choices;
    }

    /// <summary>Reads all symbols. False when the bytes are damaged; the stream's status says how. Never throws on hostile bytes.</summary>
    public bool Decode(ref RansDecoder data, int qIndex, bool intra, Span<int> y0, Span<int> y1)
    {
        Start(qIndex, intra);
        y0.Clear();
        y1.Clear();
        ChoiceReader reader = new(data);
        Walk(0, ref reader, [], y0);
        Walk(1, ref reader, [], y1);
        data = reader.Data;
        if (!intra && data.Status == EntropyStatus.Ok)
        {
            EvenReader signs = new(data, CountNonZero(y0) + CountNonZero(y1));
            Sign(ref signs, [], y0);
            Sign(ref signs, [], y1);
            data = signs.Data;
        }

        return data.Status == EntropyStatus.Ok;
    }

    private void Start(int qIndex, bool intra)
    {
        _odds.Forget();
        _contexts.Start(qIndex, intra);
        _intra = intra;
    }

    /// <summary>A half: a writer gives its symbols, a reader finds them, outside key frames without signs.</summary>
    private void Walk<TCoder>(int half, ref TCoder coder, ReadOnlySpan<int> given, Span<int> found)
        where TCoder : struct, IChoices, allows ref struct
    {
        bool writes = !given.IsEmpty;
        ReadOnlySpan<int> places = _cells.Places;
        int size = _shape.YHeight * _shape.YWidth;
        Magnitudes magnitudes = new(SymbolContexts.Sizes, SymbolContexts.RowLength);
        for (int channel = 0; channel < _shape.HalfChannels && !coder.IsDamaged; channel++)
        {
            _contexts.StartChannel(half, channel);
            bool predicts = _intra && channel < KeyPrediction.Channels;
            for (int k = 0; k < places.Length; k++)
            {
                int place = (channel * size) + places[k];
                _contexts.Find(k, out LogitRows rows);
                int predicted = predicts ? _prediction.Of(writes ? given : found, _shape, half, channel, places[k]) : 0;
                int difference = writes ? Difference(given[place], predicted) : 0;
                int magnitude = magnitudes.Code(ref coder, _odds, rows, int.Abs(difference));
                if (magnitude != 0)
                {
                    _contexts.Note(k, magnitude);
                }

                bool negative = _intra && magnitude != 0 && coder.Ask(MixedOdds.Even, difference < 0);
                if (!writes)
                {
                    Note(ref coder, out found[place], (negative ? -(long)magnitude : magnitude) + predicted);
                }
            }
        }
    }

    /// <summary>Signs of a half, in the order of its magnitudes.</summary>
    private void Sign<TCoder>(ref TCoder coder, ReadOnlySpan<int> given, Span<int> found)
        where TCoder : struct, IChoices, allows ref struct
    {
        bool writes = !given.IsEmpty;
        ReadOnlySpan<int> symbols = writes ? given : found;
        ReadOnlySpan<int> places = _cells.Places;
        int size = _shape.YHeight * _shape.YWidth;
        for (int first = 0; first < symbols.Length; first += size)
        {
            foreach (int cell in places)
            {
                int symbol = symbols[first + cell];
                if (symbol != 0 && coder.Ask(MixedOdds.Even, symbol < 0) && !writes)
                {
                    found[first + cell] = -symbol;
                }
            }
        }
    }

    private static int Difference(int symbol, int predicted)
    {
        long difference = (long)symbol - predicted;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(long.Abs(difference), int.MaxValue, nameof(symbol));
        return (int)difference;
    }

    private static void Note<TCoder>(ref TCoder coder, out int found, long symbol)
        where TCoder : struct, IChoices, allows ref struct
    {
        found = (int)symbol;
        if (symbol != found)
        {
            coder.Refuse(EntropyStatus.InvalidEscape);
        }
    }

    private static int CountNonZero(ReadOnlySpan<int> symbols) => symbols.Length - symbols.Count(0);

    /// <summary>Even choices at the end of a stream: the last of them are in the state that the encoder began with.</summary>
    private ref struct EvenReader(RansDecoder data, int count) : IChoices
    {
        public RansDecoder Data = data;

        private readonly int _inState = int.Min(count, RansEncoder.FreeBits);
        private int _left = count;
        private uint _free;

        public readonly bool IsDamaged => Data.Status != EntropyStatus.Ok;

        public bool Ask(ushort noSlots, bool answer)
        {
            _left--;
            if (_left >= _inState)
            {
                return Data.Take(noSlots);
            }

            if (_left == _inState - 1)
            {
                _free = Data.TakeFree(_inState);
            }

            bool yes = (_free & 1) != 0;
            _free >>= 1;
            return yes;
        }

        public void Refuse(EntropyStatus violation) => Data.Refuse(violation);
    }
}
