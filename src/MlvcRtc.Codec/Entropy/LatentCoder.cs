using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The integers of one frame to bytes and back: the motion vectors if the frame has any, z with its learned tables, then both halves of y, with tables chosen by z or, where a
/// model has logits, by contexts. One rANS stream per frame, nothing else in it. No allocation once the buffers have grown. One thread.
/// </summary>
public sealed class LatentCoder
{
    private readonly FrequencyTables _gaussian;
    private readonly FrequencyTables _bitEstimator;
    private readonly ScaleDecoder _scales;
    private readonly RansEncoder _encoder = new();
    private readonly MotionCoder _motion = new();
    private readonly Contexts? _contexts;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="gaussian">Tables of y by scale index; with logits only their number counts.</param>
    /// <param name="bitEstimator">Tables of z: channel + qIndex·channels; with contexts channel + channels·(context + contexts·⌊qIndex/8⌋).</param>
    /// <param name="logits">Null: the model has no contexts.</param>
    /// <exception cref="InvalidDataException">The shape contradicts itself, the tables or the logits.</exception>
    public LatentCoder(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator, ChoiceLogits? logits = null)
    {
        Check(shape, gaussian, bitEstimator, logits);
        _scales = new ScaleDecoder(shape, gaussian.Levels);
        if (logits is not null)
        {
            CodedCells cells = new(shape);
            SymbolContexts symbols = new(shape, gaussian.Levels, bitEstimator.Levels / shape.ZChannels, cells, _scales);
            _contexts = new Contexts(cells, new HyperContexts(shape), new SymbolCoder(shape, cells, symbols, logits));
        }

        Shape = shape;
        _gaussian = gaussian;
        _bitEstimator = bitEstimator;
    }

    public LatentShape Shape { get; }

    /// <summary>Quality indices that z has tables for.</summary>
    public int QIndexCount => _bitEstimator.Levels / Shape.ZChannels * (_contexts is null ? 1 : HyperContexts.QStep);

    /// <summary>What the constructor demands, without its buffers.</summary>
    /// <exception cref="InvalidDataException">The shape contradicts itself, the tables or the logits.</exception>
    internal static void Check(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator, ChoiceLogits? logits)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(gaussian);
        ArgumentNullException.ThrowIfNull(bitEstimator);
        shape.Check();
        if (bitEstimator.Levels % shape.ZChannels != 0)
        {
            throw new InvalidDataException($"{bitEstimator.Levels} tables for z are no multiple of its {shape.ZChannels} channels.");
        }

        if (gaussian.Contexts != 1)
        {
            throw new InvalidDataException(
                $"Tables of y for {gaussian.Contexts} contexts; this program codes y by choice_logits instead. Fetch a newer bundle of the model, or use an older program.");
        }

        if (bitEstimator.Contexts != (logits is null ? 1 : HyperContexts.Count))
        {
            throw new InvalidDataException(
                $"Tables of z for {bitEstimator.Contexts} contexts and {(logits is null ? "no" : "some")} choice_logits of y; expected {HyperContexts.Count} contexts with choice_logits, 1 without. The bundle is damaged, fetch it again; or a newer program may read it, update it.");
        }

        if (logits is not null)
        {
            CheckLogits(shape, gaussian.Levels, bitEstimator.Levels / shape.ZChannels, logits);
        }
    }

    /// <summary>Codes one frame. The bytes are valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift; chooses the tables of z.</param>
    /// <param name="intra">The frame is predicted from the all-zero state.</param>
    /// <param name="z">[ZChannels, ZHeight, ZWidth].</param>
    /// <param name="y0">[YChannels/2, YHeight, YWidth].</param>
    /// <param name="y1">As <paramref name="y0"/>.</param>
    /// <param name="motion">The vectors; null where a frame has none: the model does not move pictures, or there is none before this one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A model with contexts has no code for a symbol, or a difference to what a key frame predicts, of 2^31 or more.</exception>
    public ReadOnlySpan<byte> Encode(int qIndex, bool intra, ReadOnlySpan<int> z, ReadOnlySpan<int> y0, ReadOnlySpan<int> y1, MotionField? motion = null)
    {
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length);
        _scales.Decode(z);
        _encoder.Start();
        if (_contexts is null)
        {
            PutHalf(1, y1);
            PutHalf(0, y0);
            int size = Shape.ZHeight * Shape.ZWidth;
            for (int channel = Shape.ZChannels - 1; channel >= 0; channel--)
            {
                _encoder.Put(_bitEstimator, z.Slice(channel * size, size), channel + (qIndex * Shape.ZChannels));
            }
        }
        else
        {
            _contexts.Cells.Find(y0, y1);
            _encoder.Put(_contexts.Symbols.Encode(qIndex, intra, y0, y1));
            _contexts.Hyper.Start(_contexts.Cells.Places);
            PutHyper(_contexts.Hyper, qIndex, z);
            _encoder.Put(_contexts.Cells.Flags());
        }

        if (motion is not null)
        {
            _encoder.Put(_motion.Encode(motion));
        }

        return _encoder.Finish();
    }

    /// <summary>Reads one frame. On any status but Ok the outputs are meaningless. Never throws on hostile bytes.</summary>
    /// <param name="data">The whole stream.</param>
    /// <param name="qIndex">As for encoding.</param>
    /// <param name="intra">As for encoding.</param>
    /// <param name="z">Overwritten.</param>
    /// <param name="y0">Overwritten.</param>
    /// <param name="y1">Overwritten.</param>
    /// <param name="motion">Overwritten; null as for encoding.</param>
    public EntropyStatus Decode(ReadOnlySpan<byte> data, int qIndex, bool intra, Span<int> z, Span<int> y0, Span<int> y1, MotionField? motion = null)
    {
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length);
        var decoder = new RansDecoder(data);
        if (motion is not null && !_motion.Decode(ref decoder, motion))
        {
            return decoder.Status;
        }

        bool read = _contexts is null ? TakePlain(ref decoder, qIndex, z, y0, y1) : TakeContexts(_contexts, ref decoder, qIndex, intra, z, y0, y1);
        return read ? decoder.Finish() : decoder.Status;
    }

    private bool TakePlain(ref RansDecoder decoder, int qIndex, Span<int> z, Span<int> y0, Span<int> y1)
    {
        int size = Shape.ZHeight * Shape.ZWidth;
        for (int channel = 0; channel < Shape.ZChannels; channel++)
        {
            if (!decoder.Take(_bitEstimator, z.Slice(channel * size, size), channel + (qIndex * Shape.ZChannels)))
            {
                return false;
            }
        }

        _scales.Decode(z);
        return TakeHalf(ref decoder, 0, y0) && TakeHalf(ref decoder, 1, y1);
    }

    private bool TakeContexts(Contexts contexts, ref RansDecoder decoder, int qIndex, bool intra, Span<int> z, Span<int> y0, Span<int> y1)
    {
        if (!contexts.Cells.ReadFlags(ref decoder))
        {
            return false;
        }

        contexts.Hyper.Start(contexts.Cells.Places);
        if (!TakeHyper(contexts.Hyper, ref decoder, qIndex, z))
        {
            return false;
        }

        _scales.Decode(z);
        return contexts.Symbols.Decode(ref decoder, qIndex, intra, y0, y1);
    }

    private void PutHalf(int half, ReadOnlySpan<int> y)
    {
        int width = Shape.YWidth;
        for (int channel = Shape.HalfChannels - 1; channel >= 0; channel--)
        {
            for (int row = Shape.YHeight - 1; row >= 0; row--)
            {
                _encoder.Put(_gaussian, y.Slice(((channel * Shape.YHeight) + row) * width, width), _scales.Row(half, channel, row));
            }
        }
    }

    private bool TakeHalf(ref RansDecoder decoder, int half, Span<int> y)
    {
        int width = Shape.YWidth;
        for (int channel = 0; channel < Shape.HalfChannels; channel++)
        {
            for (int row = 0; row < Shape.YHeight; row++)
            {
                if (!decoder.Take(_gaussian, y.Slice(((channel * Shape.YHeight) + row) * width, width), _scales.Row(half, channel, row)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void PutHyper(HyperContexts hyper, int qIndex, ReadOnlySpan<int> z)
    {
        int size = Shape.ZHeight * Shape.ZWidth;
        for (int channel = Shape.ZChannels - 1; channel >= 0; channel--)
        {
            ReadOnlySpan<int> own = z.Slice(channel * size, size);
            for (int place = size - 1; place >= 0; place--)
            {
                _encoder.Put(_bitEstimator, own.Slice(place, 1), HyperTable(hyper, qIndex, channel, own, place));
            }
        }
    }

    private bool TakeHyper(HyperContexts hyper, ref RansDecoder decoder, int qIndex, Span<int> z)
    {
        int size = Shape.ZHeight * Shape.ZWidth;
        for (int channel = 0; channel < Shape.ZChannels; channel++)
        {
            Span<int> own = z.Slice(channel * size, size);
            for (int place = 0; place < size; place++)
            {
                if (!decoder.Take(_bitEstimator, own.Slice(place, 1), HyperTable(hyper, qIndex, channel, own, place)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private int HyperTable(HyperContexts hyper, int qIndex, int channel, ReadOnlySpan<int> own, int place)
    {
        (int row, int column) = int.DivRem(place, Shape.ZWidth);
        return channel + (Shape.ZChannels * (hyper.Of(own, row, column) + (HyperContexts.Count * (qIndex / HyperContexts.QStep))));
    }

    private static void CheckLogits(LatentShape shape, int levels, int qGroups, ChoiceLogits logits)
    {
        if (levels > ChoiceLogits.MaxLevels)
        {
            throw new InvalidDataException($"{levels} scale levels with choice_logits; expected at most {ChoiceLogits.MaxLevels}. A newer program may read them; update it.");
        }

        long count = ChoiceLogits.CountOf(shape.YChannels, levels, qGroups);
        if (logits.Count != count)
        {
            throw new InvalidDataException(
                $"{logits.Count} choice_logits; expected {count} for {shape.YChannels} channels of y, {levels} scale levels and {qGroups} groups of qualities. The bundle is damaged, fetch it again; or a newer program may read it, update it.");
        }
    }

    private void CheckArguments(int qIndex, int z, int y0, int y1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(qIndex, QIndexCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(z, Shape.ZCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y0, Shape.HalfCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y1, Shape.HalfCount);
    }

    /// <summary>What a model with contexts codes with.</summary>
    private sealed record Contexts(CodedCells Cells, HyperContexts Hyper, SymbolCoder Symbols);
}
