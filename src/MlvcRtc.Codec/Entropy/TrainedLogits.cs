namespace MlvcRtc.Codec.Entropy;

/// <summary>Logits of a bundle, in units of 1/4096 (docs/bitstream.md §12). Immutable, safe to share.</summary>
public sealed class TrainedLogits
{
    /// <summary>A logit is within ± this.</summary>
    public const int Largest = short.MaxValue;

    private readonly short[] _values;

    private TrainedLogits(short[] values) => _values = values;

    public int Count => _values.Length;

    internal ReadOnlySpan<short> Values => _values;

    /// <param name="values">In their order.</param>
    /// <exception cref="InvalidDataException">A value is too large.</exception>
    public static TrainedLogits Of(ReadOnlySpan<int> values)
    {
        short[] kept = new short[values.Length];
        for (int n = 0; n < values.Length; n++)
        {
            kept[n] = values[n] is >= -Largest and <= Largest
                ? (short)values[n]
                : throw new InvalidDataException($"Logit {n} is {values[n]}; expected -{Largest} to {Largest}.");
        }

        return new TrainedLogits(kept);
    }
}
