namespace MlvcRtc.Codec.Bundles;

/// <summary>What a graph computes with. Streams go from one to the other; pictures differ a little (docs/model-bundle.md).</summary>
public enum Numerics
{
    /// <summary>Floating point, as trained.</summary>
    Float,

    /// <summary>8-bit integers, with floats where the picture itself passes: faster on processors with dot products of bytes.</summary>
    Int8,
}
