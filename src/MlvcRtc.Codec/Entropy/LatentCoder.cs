using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The integers of one frame to bytes and back: z with its learned tables, then both halves of y with tables chosen by z; or, where a model has logits, the motion vectors if the frame has
/// any, flags of cells, z and y, all by contexts. One rANS stream per frame, nothing else in it. No allocation once the buffers have grown. One thread.
/// </summary>
public sealed class LatentCoder
{
    private readonly FrequencyTables _gaussian;
    private readonly FrequencyTables _bitEstimator;
    private readonly ScaleDecoder _scales;
    private readonly RansEncoder _encoder = new();
    private readonly Contexts? _contexts;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="gaussian">Tables of y by scale index; with logits only their number counts.</param>
    /// <param name="bitEstimator">Tables of z: channel + qIndex·channels; with logits only their number counts.</param>
    /// <param name="logits">Null: the model has no contexts.</param>
    /// <exception cref="InvalidDataException">The shape contradicts itself, the tables or the logits.</exception>
    public LatentCoder(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator, ContextLogits? logits = null)
    {
        Check(shape, gaussian, bitEstimator, logits);
        _scales = new ScaleDecoder(shape, gaussian.Count);
        if (logits is not null)
        {
            int groups = GroupsOf(shape, bitEstimator);
            CodedCells cells = new(shape, groups, logits.Flags);
            SymbolContexts symbols = new(shape, gaussian.Count, groups, cells, _scales);
            _contexts = new Contexts(
                new MotionCoder(groups, logits.Vectors), cells, new HyperCoder(shape, groups, logits.Hyper), new SymbolCoder(shape, cells, symbols, logits.Symbols, logits.Prediction));
        }

        Shape = shape;
        _gaussian = gaussian;
        _bitEstimator = bitEstimator;
    }

    public LatentShape Shape { get; }

    /// <summary>Quality indices that z has tables for.</summary>
    public int QIndexCount => _bitEstimator.Count / Shape.ZChannels;

    /// <summary>What the constructor demands, without its buffers.</summary>
    /// <exception cref="InvalidDataException">The shape contradicts itself, the tables or the logits.</exception>
    internal static void Check(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator, ContextLogits? logits)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(gaussian);
        ArgumentNullException.ThrowIfNull(bitEstimator);
        shape.Check();
        if (bitEstimator.Count % shape.ZChannels != 0)
        {
            throw new InvalidDataException($"{bitEstimator.Count} tables for z are no multiple of its {shape.ZChannels} channels.");
        }

        if (logits is not null)
        {
            if (bitEstimator.Count / shape.ZChannels % ContextLogits.QStep != 0)
            {
                throw new InvalidDataException($"{bitEstimator.Count / shape.ZChannels} quality indices with choice_logits; expected a multiple of {ContextLogits.QStep}. The bundle is damaged, fetch it again.");
            }

            logits.Check(shape, gaussian.Count, GroupsOf(shape, bitEstimator));
        }
    }

    /// <summary>Codes one frame. The bytes are valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift; chooses the tables of z.</param>
    /// <param name="intra">The frame is predicted from the all-zero state.</param>
    /// <param name="z">[ZChannels, ZHeight, ZWidth].</param>
    /// <param name="y0">[YChannels/2, YHeight, YWidth].</param>
    /// <param name="y1">As <paramref name="y0"/>.</param>
    /// <param name="motion">The vectors; null where a frame has none: the model does not move pictures, or there is none before this one.</param>
    /// <exception cref="ArgumentException">Vectors, but no logits to code them with.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A model with contexts has no code for a symbol, or a difference to what a key frame predicts, of 2^31 or more.</exception>
    public ReadOnlySpan<byte> Encode(int qIndex, bool intra, ReadOnlySpan<int> z, ReadOnlySpan<int> y0, ReadOnlySpan<int> y1, MotionField? motion = null)
    {
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length, motion);
        _scales.Decode(z);
        if (_contexts is null)
        {
            _encoder.Start();
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
            ReadOnlySpan<BinaryChoice> symbols = _contexts.Symbols.Encode(qIndex, intra, y0, y1, out ReadOnlySpan<BinaryChoice> signs);
            _encoder.Start(signs);
            _encoder.Put(symbols);
            _encoder.Put(_contexts.Hyper.Encode(qIndex, intra, _contexts.Cells.Places, z));
            _encoder.Put(_contexts.Cells.Flags(qIndex, intra, motion));
            if (motion is not null)
            {
                _encoder.Put(_contexts.Motion.Encode(qIndex, motion));
            }
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
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length, motion);
        var decoder = new RansDecoder(data);
        bool read = _contexts is null ? TakePlain(ref decoder, qIndex, z, y0, y1) : TakeContexts(_contexts, ref decoder, qIndex, intra, z, y0, y1, motion);
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

    private bool TakeContexts(Contexts contexts, ref RansDecoder decoder, int qIndex, bool intra, Span<int> z, Span<int> y0, Span<int> y1, MotionField? motion)
    {
        if ((motion is not null && !contexts.Motion.Decode(ref decoder, qIndex, motion))
            || !contexts.Cells.ReadFlags(ref decoder, qIndex, intra, motion)
            || !contexts.Hyper.Decode(ref decoder, qIndex, intra, contexts.Cells.Places, z))
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

    private static int GroupsOf(LatentShape shape, FrequencyTables bitEstimator) => bitEstimator.Count / shape.ZChannels / ContextLogits.QStep;

    private void CheckArguments(int qIndex, int z, int y0, int y1, MotionField? motion)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(qIndex, QIndexCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(z, Shape.ZCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y0, Shape.HalfCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y1, Shape.HalfCount);
        if (motion is null)
        {
            return;
        }

        if (_contexts is null || motion.Rows != Shape.YHeight || motion.Columns != Shape.YWidth)
        {
            throw new ArgumentException("Vectors are coded by models with logits only, one per cell of y.", nameof(motion));
        }
    }

    /// <summary>What a model with contexts codes with.</summary>
    private sealed record Contexts(MotionCoder Motion, CodedCells Cells, HyperCoder Hyper, SymbolCoder Symbols);
}
