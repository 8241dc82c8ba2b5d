namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The trained logits of the choices that code symbols of y (docs/bitstream.md §11): eight tables one after another, each with a row for every one of its contexts.
/// Immutable, safe to share.
/// </summary>
public sealed class ChoiceLogits
{
    /// <summary>A logit is within ± this, in units of 1/4096.</summary>
    public const int Largest = short.MaxValue;

    /// <summary>Scale levels that models with logits may have.</summary>
    internal const int MaxLevels = 128;

    /// <summary>Tables, and thus logits whose sum makes the odds of a choice.</summary>
    internal const int Tables = 8;

    /// <summary>Choices by magnitude: is it more than 0, 1, 2, 3?</summary>
    internal const int Sizes = 4;

    /// <summary>Logits in a row: one for each of those choices, and eight for how many bits a larger magnitude has.</summary>
    internal const int RowLength = Sizes + 8;

    private readonly short[] _values;

    private ChoiceLogits(short[] values, KeyPrediction prediction)
    {
        _values = values;
        Prediction = prediction;
    }

    /// <summary>Number of logits.</summary>
    public int Count => _values.Length;

    internal ReadOnlySpan<short> Values => _values;

    /// <summary>What key frames code the difference to.</summary>
    internal KeyPrediction Prediction { get; }

    /// <param name="values">All tables.</param>
    /// <param name="prediction">What goes with them.</param>
    /// <exception cref="InvalidDataException">A value is too large.</exception>
    public static ChoiceLogits Of(ReadOnlySpan<int> values, KeyPrediction prediction)
    {
        short[] kept = new short[values.Length];
        for (int n = 0; n < values.Length; n++)
        {
            kept[n] = values[n] is >= -Largest and <= Largest
                ? (short)values[n]
                : throw new InvalidDataException($"Logit {n} is {values[n]}; expected -{Largest} to {Largest}.");
        }

        return new ChoiceLogits(kept, prediction);
    }

    /// <summary>How many logits a model has.</summary>
    /// <param name="yChannels">Channels of y.</param>
    /// <param name="levels">Scale levels.</param>
    /// <param name="qGroups">Groups of quality indices that z has tables for.</param>
    public static long CountOf(int yChannels, int levels, int qGroups)
    {
        Span<long> starts = stackalloc long[Tables + 1];
        FindStarts(yChannels, levels, qGroups, starts);
        return starts[Tables];
    }

    /// <summary>Where each table starts, and behind the last one where all end. In 64 bits: nothing was checked yet when a bundle is read.</summary>
    internal static void FindStarts(int yChannels, int levels, int qGroups, Span<long> starts)
    {
        ReadOnlySpan<long> rows =
        [
            (long)levels * SymbolContexts.ShownSteps,
            (long)yChannels * SymbolContexts.LevelSteps * 2,
            (long)yChannels * SymbolContexts.BesideSteps * SymbolContexts.Twice,
            SymbolContexts.ShownSteps * SymbolContexts.AroundSteps * SymbolContexts.LevelSteps * 2,
            (long)yChannels * SymbolContexts.Twice * SymbolContexts.Twice * SymbolContexts.BeforeSteps,
            (long)qGroups * 2 * SymbolContexts.LevelSteps * SymbolContexts.BeforeSteps,
            SymbolContexts.CellSteps * SymbolContexts.LevelSteps * SymbolContexts.CodedSteps * 2,
            (long)yChannels * SymbolContexts.ShownSteps * 2,
        ];
        starts[0] = 0;
        for (int table = 0; table < Tables; table++)
        {
            starts[table + 1] = starts[table] + (rows[table] * RowLength);
        }
    }
}
