namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The symbols of y's coded cells to binary choices and back (docs/bitstream.md §11). One walk over channels and cells serves both directions, so that they cannot differ.
/// No allocation once the buffer has grown. One thread.
/// </summary>
internal sealed class SymbolCoder
{
    private const int Sizes = ChoiceLogits.Sizes;

    /// <summary>Bits of a rest below its first: with them every magnitude up to int.MaxValue can be said. Stops a stream that says yes for ever.</summary>
    private const int MaxRestBits = 30;

    private const ushort Even = 1 << (FrequencyTables.PrecisionBits - 1);

    private readonly LatentShape _shape;
    private readonly CodedCells _cells;
    private readonly SymbolContexts _contexts;
    private readonly MixedOdds _odds;
    private readonly KeyPrediction _prediction;
    private BinaryChoice[] _choices = new BinaryChoice[4096];
    private bool _predicts;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="cells">Which cells are coded.</param>
    /// <param name="contexts">Of the same cells.</param>
    /// <param name="logits">As many as the contexts number.</param>
    public SymbolCoder(LatentShape shape, CodedCells cells, SymbolContexts contexts, ChoiceLogits logits)
    {
        _shape = shape;
        _cells = cells;
        _contexts = contexts;
        _odds = new MixedOdds(logits);
        _prediction = logits.Prediction;
    }

    /// <summary>The choices that code the symbols of the coded cells, in the order of reading. Valid until the next call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A symbol, or its difference to what a key frame predicts, has a magnitude of 2^31 or more, which no reader takes.</exception>
    public ReadOnlySpan<BinaryChoice> Encode(int qIndex, bool intra, ReadOnlySpan<int> y0, ReadOnlySpan<int> y1)
    {
        Start(qIndex, intra);
        Writer writer = new(_choices) { Symbols = y0 };
        Walk(0, ref writer);
        writer.Symbols = y1;
        Walk(1, ref writer);
        _choices = writer.Choices;
        return _choices.AsSpan(0, writer.Count);
    }

    /// <summary>Reads all symbols. False when the bytes are damaged; the stream's status says how. Never throws on hostile bytes.</summary>
    public bool Decode(ref RansDecoder data, int qIndex, bool intra, Span<int> y0, Span<int> y1)
    {
        Start(qIndex, intra);
        y0.Clear();
        y1.Clear();
        Reader reader = new(data) { Symbols = y0 };
        Walk(0, ref reader);
        reader.Symbols = y1;
        Walk(1, ref reader);
        data = reader.Data;
        return data.Status == EntropyStatus.Ok;
    }

    private void Start(int qIndex, bool intra)
    {
        _odds.Forget();
        _contexts.Start(qIndex, intra);
        _predicts = intra;
    }

    private void Walk<TCoder>(int half, ref TCoder coder)
        where TCoder : struct, ICoder, allows ref struct
    {
        ReadOnlySpan<int> places = _cells.Places;
        int size = _shape.YHeight * _shape.YWidth;
        for (int channel = 0; channel < _shape.HalfChannels && !coder.IsDamaged; channel++)
        {
            _contexts.StartChannel(half, channel);
            bool predicts = _predicts && channel < KeyPrediction.Channels;
            for (int k = 0; k < places.Length; k++)
            {
                int place = (channel * size) + places[k];
                _contexts.Find(k, out LogitRows rows);
                int predicted = predicts ? _prediction.Of(coder.Known, _shape, half, channel, places[k]) : 0;
                int difference = Difference(ref coder, rows, coder.Given(place, predicted));
                if (difference != 0)
                {
                    _contexts.Note(k, int.Abs(difference));
                }

                coder.Found(place, (long)difference + predicted);
            }
        }
    }

    /// <summary>One symbol, or its difference to what was predicted: its magnitude by questions, then its sign.</summary>
    /// <param name="coder">Asks.</param>
    /// <param name="rows">The symbol's.</param>
    /// <param name="given">What a writer has to say.</param>
    private int Difference<TCoder>(ref TCoder coder, in LogitRows rows, int given)
        where TCoder : struct, ICoder, allows ref struct
    {
        int magnitude = int.Abs(given);
        int found = 0;
        while (found < Sizes)
        {
            if (!Ask(ref coder, rows, found, magnitude > found))
            {
                break;
            }

            found++;
        }

        if (found == 0)
        {
            return 0;
        }

        if (found == Sizes)
        {
            found = Sizes - 1 + Rest(ref coder, rows, magnitude - (Sizes - 1));
        }

        return coder.Ask(Even, given < 0) ? -found : found;
    }

    /// <summary>What a large magnitude has beyond the questions, at least 1: Exp-Golomb, the number of its bits by questions.</summary>
    private int Rest<TCoder>(ref TCoder coder, in LogitRows rows, int given)
        where TCoder : struct, ICoder, allows ref struct
    {
        int bits = 0;
        while (Ask(ref coder, rows, int.Min(Sizes + bits, ChoiceLogits.RowLength - 1), given >> bits > 1))
        {
            bits++;
            if (bits > MaxRestBits)
            {
                coder.Refuse();
                return 1;
            }
        }

        int found = 1;
        for (int bit = bits - 1; bit >= 0; bit--)
        {
            found = (2 * found) + (coder.Ask(Even, (given >> bit & 1) != 0) ? 1 : 0);
        }

        if (found > int.MaxValue - (Sizes - 1))
        {
            coder.Refuse();
            return 1;
        }

        return found;
    }

    /// <summary>Choice <paramref name="choice"/> of those rows.</summary>
    private bool Ask<TCoder>(ref TCoder coder, in LogitRows rows, int choice, bool answer)
        where TCoder : struct, ICoder, allows ref struct
    {
        ushort noSlots = _odds.NoSlots(rows, choice);
        bool yes = coder.Ask(noSlots, answer);
        _odds.Learn(rows, choice, noSlots, yes);
        return yes;
    }

    private interface ICoder
    {
        bool IsDamaged { get; }

        /// <summary>This half's symbols, as far as they are known to both sides.</summary>
        ReadOnlySpan<int> Known { get; }

        /// <summary>What a writer has to say: the difference of a symbol to what was predicted. A reader does not know.</summary>
        int Given(int place, int predicted);

        /// <summary>What a reader has found.</summary>
        void Found(int place, long symbol);

        /// <summary>A writer notes the answer; a reader finds it, and answers no once the bytes have proved damaged.</summary>
        bool Ask(ushort noSlots, bool answer);

        /// <summary>A symbol is beyond 32 bits.</summary>
        void Refuse();
    }

    private ref struct Writer(BinaryChoice[] choices) : ICoder
    {
        public ReadOnlySpan<int> Symbols;

        public BinaryChoice[] Choices { get; private set; } = choices;

        public int Count { get; private set; }

        public readonly bool IsDamaged => false;

        public readonly ReadOnlySpan<int> Known => Symbols;

        public readonly int Given(int place, int predicted)
        {
            long difference = (long)Symbols[place] - predicted;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(long.Abs(difference), int.MaxValue, nameof(Symbols));
            return (int)difference;
        }

        public readonly void Found(int place, long symbol)
        {
        }

        public bool Ask(ushort noSlots, bool answer)
        {
            if (Count == Choices.Length)
            {
                BinaryChoice[] larger = new BinaryChoice[2 * Count];
                Choices.CopyTo(larger, 0);
                Choices = larger;
            }

            Choices[Count++] = new BinaryChoice(noSlots, answer);
            return answer;
        }

        public readonly void Refuse() => throw new System.Diagnostics.UnreachableException();
    }

    private ref struct Reader(RansDecoder data) : ICoder
    {
        public RansDecoder Data = data;

        public Span<int> Symbols;

        public readonly bool IsDamaged => Data.Status != EntropyStatus.Ok;

        public readonly ReadOnlySpan<int> Known => Symbols;

        public readonly int Given(int place, int predicted) => 0;

        public void Found(int place, long symbol)
        {
            if (symbol != (int)symbol)
            {
                Refuse();
            }

            Symbols[place] = (int)symbol;
        }

        public bool Ask(ushort noSlots, bool answer) => Data.Take(noSlots);

        public void Refuse() => Data.Refuse(EntropyStatus.InvalidEscape);
    }
}
