using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The integers of one frame to bytes and back: the motion vectors if the frame has any, z with its learned tables, then both halves of y with tables chosen by
/// z and, where a model has tables for them, by contexts. One rANS stream per frame, nothing else in it. No allocation once the buffer has grown. One thread.
/// </summary>
public sealed class LatentCoder
{
    private readonly FrequencyTables _gaussian;
    private readonly FrequencyTables _bitEstimator;
    private readonly ScaleDecoder _scales;
    private readonly RansEncoder _encoder = new();
    private readonly MotionCoder _motion = new();
    private readonly CodedCells? _cells;  // null: no contexts
    private readonly HyperContexts? _hyper;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="gaussian">Tables of y by scale index, or by scale index and context.</param>
    /// <param name="bitEstimator">Tables of z: channel + qIndex·channels; with contexts channel + channels·(context + contexts·⌊qIndex/8⌋).</param>
    /// <exception cref="InvalidDataException">The shape contradicts itself or the tables.</exception>
    public LatentCoder(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator)
    {
        Check(shape, gaussian, bitEstimator);
        _scales = new ScaleDecoder(shape, gaussian.Levels);
        if (gaussian.Contexts > 1)
        {
            _cells = new CodedCells(shape);
            _hyper = new HyperContexts(shape);
        }

        Shape = shape;
        _gaussian = gaussian;
        _bitEstimator = bitEstimator;
    }

    public LatentShape Shape { get; }

    /// <summary>Quality indices that z has tables for.</summary>
    public int QIndexCount => _bitEstimator.Levels / Shape.ZChannels * (_cells is null ? 1 : HyperContexts.QStep);

    /// <summary>What the constructor demands, without its buffers.</summary>
    /// <exception cref="InvalidDataException">The shape contradicts itself or the tables.</exception>
    internal static void Check(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(gaussian);
        ArgumentNullException.ThrowIfNull(bitEstimator);
        shape.Check();
        if (bitEstimator.Levels % shape.ZChannels != 0)
        {
            throw new InvalidDataException($"{bitEstimator.Levels} tables for z are no multiple of its {shape.ZChannels} channels.");
        }

        bool plain = gaussian.Contexts == 1 && bitEstimator.Contexts == 1;
        if (!plain && (gaussian.Contexts != CodedCells.Contexts || bitEstimator.Contexts != HyperContexts.Count))
        {
            throw new InvalidDataException(
                $"Tables for {gaussian.Contexts} contexts of y and {bitEstimator.Contexts} of z; expected {CodedCells.Contexts} and {HyperContexts.Count}, or one each. A newer program may read them; update it.");
        }

        if (!plain && gaussian.Count > short.MaxValue)
        {
            throw new InvalidDataException($"{gaussian.Count} tables of y; with contexts at most {short.MaxValue} can be numbered.");
        }
    }

    /// <summary>Codes one frame. The bytes are valid until the next call.</summary>
    /// <param name="qIndex">Quality index before the hierarchical shift; chooses the tables of z.</param>
    /// <param name="z">[ZChannels, ZHeight, ZWidth].</param>
    /// <param name="y0">[YChannels/2, YHeight, YWidth].</param>
    /// <param name="y1">As <paramref name="y0"/>.</param>
    /// <param name="motion">The vectors; null where a frame has none: the model does not move pictures, or there is none before this one.</param>
    public ReadOnlySpan<byte> Encode(int qIndex, ReadOnlySpan<int> z, ReadOnlySpan<int> y0, ReadOnlySpan<int> y1, MotionField? motion = null)
    {
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length);
        _scales.Decode(z);
        _encoder.Start();
        if (_cells is null || _hyper is null)
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
            _cells.Find(y0, y1);
            PutCells(_cells, 1, y1);
            PutCells(_cells, 0, y0);
            _hyper.Start(_cells.Places);
            PutHyper(_hyper, qIndex, z);
            _encoder.Put(_cells.Flags());
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
    /// <param name="z">Overwritten.</param>
    /// <param name="y0">Overwritten.</param>
    /// <param name="y1">Overwritten.</param>
    /// <param name="motion">Overwritten; null as for encoding.</param>
    public EntropyStatus Decode(ReadOnlySpan<byte> data, int qIndex, Span<int> z, Span<int> y0, Span<int> y1, MotionField? motion = null)
    {
        CheckArguments(qIndex, z.Length, y0.Length, y1.Length);
        var decoder = new RansDecoder(data);
        if (motion is not null && !_motion.Decode(ref decoder, motion))
        {
            return decoder.Status;
        }

        bool read = _cells is null || _hyper is null ? TakePlain(ref decoder, qIndex, z, y0, y1) : TakeContexts(_cells, _hyper, ref decoder, qIndex, z, y0, y1);
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

    private bool TakeContexts(CodedCells cells, HyperContexts hyper, ref RansDecoder decoder, int qIndex, Span<int> z, Span<int> y0, Span<int> y1)
    {
        if (!cells.ReadFlags(ref decoder))
        {
            return false;
        }

        hyper.Start(cells.Places);
        if (!TakeHyper(hyper, ref decoder, qIndex, z))
        {
            return false;
        }

        _scales.Decode(z);
        return TakeCells(cells, ref decoder, 0, y0) && TakeCells(cells, ref decoder, 1, y1);
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

    private void PutCells(CodedCells cells, int half, ReadOnlySpan<int> y)
    {
        int size = Shape.YHeight * Shape.YWidth;
        for (int channel = Shape.HalfChannels - 1; channel >= 0; channel--)
        {
            if (channel % Shape.ScaleRepeat == Shape.ScaleRepeat - 1)
            {
                cells.ReadScales(_scales, half, channel);
            }

            cells.Gather(y.Slice(channel * size, size));
            _encoder.Put(_gaussian, cells.Values, cells.Tables(_gaussian.Levels));
        }
    }

    private bool TakeCells(CodedCells cells, ref RansDecoder decoder, int half, Span<int> y)
    {
        int size = Shape.YHeight * Shape.YWidth;
        for (int channel = 0; channel < Shape.HalfChannels; channel++)
        {
            if (channel % Shape.ScaleRepeat == 0)
            {
                cells.ReadScales(_scales, half, channel);
            }

            if (!decoder.Take(_gaussian, cells.Values, cells.Tables(_gaussian.Levels)))
            {
                return false;
            }

            cells.Scatter(y.Slice(channel * size, size));
        }

        return true;
    }

    private void CheckArguments(int qIndex, int z, int y0, int y1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(qIndex, QIndexCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(z, Shape.ZCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y0, Shape.HalfCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y1, Shape.HalfCount);
    }
}
