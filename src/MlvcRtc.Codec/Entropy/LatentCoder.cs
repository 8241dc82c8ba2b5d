using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The integers of one frame to bytes and back: the motion vectors if the frame has any, z with its learned tables, then both halves of y with Gaussian
/// tables chosen by z. One rANS stream per frame, nothing else in it. No allocation once the buffer has grown. One thread.
/// </summary>
public sealed class LatentCoder
{
    private readonly FrequencyTables _gaussian;
    private readonly FrequencyTables _bitEstimator;
    private readonly ScaleDecoder _scales;
    private readonly RansEncoder _encoder = new();
    private readonly MotionCoder _motion = new();

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="gaussian">Tables of y by scale index.</param>
    /// <param name="bitEstimator">Tables of z: channel + qIndex·channels.</param>
    /// <exception cref="InvalidDataException">The shape contradicts itself or the tables.</exception>
    public LatentCoder(LatentShape shape, FrequencyTables gaussian, FrequencyTables bitEstimator)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(gaussian);
        ArgumentNullException.ThrowIfNull(bitEstimator);
        _scales = new ScaleDecoder(shape, gaussian.Count);
        if (bitEstimator.Count % shape.ZChannels != 0)
        {
            throw new InvalidDataException($"{bitEstimator.Count} tables for z are no multiple of its {shape.ZChannels} channels.");
        }

        Shape = shape;
        _gaussian = gaussian;
        _bitEstimator = bitEstimator;
    }

    public LatentShape Shape { get; }

    /// <summary>Quality indices that z has tables for.</summary>
    public int QIndexCount => _bitEstimator.Count / Shape.ZChannels;

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
        PutHalf(1, y1);
        PutHalf(0, y0);
        int size = Shape.ZHeight * Shape.ZWidth;
        for (int channel = Shape.ZChannels - 1; channel >= 0; channel--)
        {
            _encoder.Put(_bitEstimator, z.Slice(channel * size, size), channel + (qIndex * Shape.ZChannels));
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

        int size = Shape.ZHeight * Shape.ZWidth;
        for (int channel = 0; channel < Shape.ZChannels; channel++)
        {
            if (!decoder.Take(_bitEstimator, z.Slice(channel * size, size), channel + (qIndex * Shape.ZChannels)))
            {
                return decoder.Status;
            }
        }

        _scales.Decode(z);
        return TakeHalf(ref decoder, 0, y0) && TakeHalf(ref decoder, 1, y1) ? decoder.Finish() : decoder.Status;
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

    private void CheckArguments(int qIndex, int z, int y0, int y1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(qIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(qIndex, QIndexCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(z, Shape.ZCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y0, Shape.HalfCount);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y1, Shape.HalfCount);
    }
}
