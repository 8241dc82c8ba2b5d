using System.Globalization;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Bundles;

/// <summary>One size of a model, ready to load. Immutable.</summary>
public sealed record ModelVariant
{
    /// <summary>Luma columns of the coded picture.</summary>
    public int Width => Metadata.ModelWidth;

    /// <summary>Luma rows of the coded picture.</summary>
    public int Height => Metadata.ModelHeight;

    /// <summary>The manifest's key.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    /// <summary>What its graphs compute with.</summary>
    public Numerics Numerics { get; init; }

    /// <summary>Graph file; external weights lie beside it.</summary>
    public required string EncoderGraphPath { get; init; }

    /// <summary>Graph file; external weights lie beside it.</summary>
    public required string DecoderGraphPath { get; init; }

    /// <summary>The known answer of this size; null when the bundle has none.</summary>
    public required string? ParityPath { get; init; }

    public required InterfaceType InterfaceType { get; init; }

    public required ModelMetadata Metadata { get; init; }

    public required LatentShape LatentShape { get; init; }

    /// <summary>QP to quality index, and the hierarchical shift.</summary>
    public required QpScale QpScale { get; init; }

    /// <summary>Tables of y by scale index; with <see cref="ContextLogits"/> only their number counts.</summary>
    public required FrequencyTables Gaussian { get; init; }

    /// <summary>What codes y by contexts; null when the model has none.</summary>
    public required ContextLogits? ContextLogits { get; init; }

    /// <summary>Tables of z: channel + qIndex·channels; with contexts channel + channels·(context + contexts·⌊qIndex/8⌋).</summary>
    public required FrequencyTables BitEstimator { get; init; }
}
