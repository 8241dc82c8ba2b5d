namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// What the first channels of each half of y are expected to be in a key frame (docs/bitstream.md §11): they are nearly the means of what they stand for, and nothing else has said those
/// before. A weighted sum of the same channel above left and above right and of the channels before it in the same cell. Immutable, safe to share.
/// </summary>
public sealed class KeyPrediction
{
    /// <summary>Weights of a model: of half 0 and then half 1, of channels 0 to 3 in turn, above left, above right, channels before.</summary>
    public const int WeightCount = 2 * HalfWeights;

    /// <summary>Channels of each half that are predicted.</summary>
    internal const int Channels = 4;

    private const int HalfWeights = (2 + 3 + 4 + 5);

    /// <summary>Bits behind the point of a weight.</summary>
    private const int FractionBits = 8;

    /// <summary>A symbol beyond counts as this.</summary>
    private const int Reach = short.MaxValue;

    private readonly int[] _weights;

    private KeyPrediction(int[] weights) => _weights = weights;

    /// <summary>Expects zero everywhere.</summary>
    public static KeyPrediction None { get; } = new(new int[WeightCount]);

    /// <exception cref="InvalidDataException">Not as many as there are, or one is too large.</exception>
    public static KeyPrediction Of(ReadOnlySpan<int> weights)
    {
        if (weights.Length != WeightCount || weights.ContainsAnyExceptInRange(-Reach, Reach))
        {
            throw new InvalidDataException($"{weights.Length} weights of key_prediction; expected {WeightCount}, each -{Reach} to {Reach}.");
        }

        return new KeyPrediction(weights.ToArray());
    }

    /// <summary>What a symbol is expected to be; within ± 2^25.</summary>
    /// <param name="known">[HalfChannels, YHeight, YWidth] of this half: all symbols before this one; those of cells that are not coded are zero.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="half">0 or 1.</param>
    /// <param name="channel">Below <see cref="Channels"/>.</param>
    /// <param name="cell">row · width + column.</param>
    internal int Of(ReadOnlySpan<int> known, LatentShape shape, int half, int channel, int cell)
    {
        int width = shape.YWidth;
        int size = shape.YHeight * width;
        (int row, int column) = int.DivRem(cell, width);
        ReadOnlySpan<int> weights = _weights.AsSpan((half * HalfWeights) + (2 * channel) + (channel * (channel - 1) / 2));
        ReadOnlySpan<int> own = known.Slice(channel * size, size);
        long sum = 1 << (FractionBits - 1);
        sum += row > 0 && column > 0 ? (long)weights[0] * Within(own[cell - width - 1]) : 0;
        sum += row > 0 && column + 1 < width ? (long)weights[1] * Within(own[cell - width + 1]) : 0;
        for (int before = 0; before < channel; before++)
        {
            sum += (long)weights[2 + before] * Within(known[(before * size) + cell]);
        }

        return (int)(sum >> FractionBits);
    }

    private static int Within(int symbol) => int.Clamp(symbol, -Reach, Reach);
}
