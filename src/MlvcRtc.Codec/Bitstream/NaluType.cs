namespace MlvcRtc.Codec.Bitstream;

/// <summary>The 6-bit nalu_type; the numbers are HEVC's (docs/bitstream.md §2). Types below 32 carry a picture.</summary>
public enum NaluType : byte
{
    /// <summary>Predicted frame that nothing refers to. Accepted, never written.</summary>
    TrailN = 0,

    /// <summary>Predicted frame of the base layer.</summary>
    TrailR = 1,

    /// <summary>Frame of a higher temporal layer that nothing refers to. Accepted, never written.</summary>
    TsaN = 2,

    /// <summary>Frame of a higher temporal layer.</summary>
    TsaR = 3,

    /// <summary>Frame predicted from the all-zero state; everything before it is forgotten.</summary>
    IdrNLp = 20,

    /// <summary>Sequence parameter set.</summary>
    Sps = 33,

    /// <summary>Picture parameter set.</summary>
    Pps = 34,
}
