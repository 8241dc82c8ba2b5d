using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Entropy;

/// <summary>What a model with contexts codes with (docs/bitstream.md §10 to §12). Immutable, safe to share.</summary>
/// <param name="Symbols">Of the symbols of y.</param>
/// <param name="Prediction">What key frames code the differences of y to.</param>
/// <param name="Hyper">Of the symbols of z.</param>
/// <param name="Flags">Of the flags of cells.</param>
/// <param name="Vectors">Of motion vectors.</param>
public sealed record ContextLogits(TrainedLogits Symbols, KeyPrediction Prediction, TrainedLogits Hyper, TrainedLogits Flags, TrainedLogits Vectors)
{
    /// <summary>Quality indices that share logits.</summary>
    public const int QStep = 8;

    /// <summary>Scale levels that models with logits may have.</summary>
    internal const int MaxLevels = 128;

    /// <summary>How many logits of each kind a model has.</summary>
    /// <param name="yChannels">Channels of y.</param>
    /// <param name="zChannels">Channels of z.</param>
    /// <param name="levels">Scale levels.</param>
    /// <param name="qGroups">Quality indices / <see cref="QStep"/>.</param>
    public static (long Symbols, long Hyper, long Flags, long Vectors) CountsOf(int yChannels, int zChannels, int levels, int qGroups) =>
        (SymbolContexts.CountOf(yChannels, levels, qGroups), HyperCoder.CountOf(zChannels, qGroups), CodedCells.CountOf(qGroups), MotionCoder.CountOf(qGroups));

    /// <exception cref="InvalidDataException">The shape needs other numbers of logits.</exception>
    internal void Check(LatentShape shape, int levels, int qGroups)
    {
        if (levels > MaxLevels)
        {
            throw new InvalidDataException($"{levels} scale levels with choice_logits; expected at most {MaxLevels}. A newer program may read them; update it.");
        }

        string model = $"{shape.YChannels} channels of y, {shape.ZChannels} of z, {levels} scale levels and {qGroups} groups of qualities";
        (long symbols, long hyper, long flags, long vectors) = CountsOf(shape.YChannels, shape.ZChannels, levels, qGroups);
        Check("choice_logits", Symbols, symbols, model);
        Check("hyper_logits", Hyper, hyper, model);
        Check("flag_logits", Flags, flags, model);
        Check("vector_logits", Vectors, vectors, model);
    }

    private static void Check(string name, TrainedLogits logits, long count, string model)
    {
        if (logits.Count != count)
        {
            throw new InvalidDataException($"{logits.Count} {name}; expected {count} for {model}. The bundle is damaged, fetch it again; or a newer program may read it, update it.");
        }
    }
}
