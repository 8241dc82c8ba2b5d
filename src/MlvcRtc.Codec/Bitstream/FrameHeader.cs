namespace MlvcRtc.Codec.Bitstream;

/// <summary>What a frame says about itself before its entropy-coded data (docs/bitstream.md §5).</summary>
/// <param name="NaluType">One of the five picture types.</param>
/// <param name="TemporalId">3 bits of one more, in the NAL unit header: 0 = base layer; below the SPS's MaxTemporalLayers.</param>
/// <param name="Qp">se(v) relative to the PPS: 0 (best) .. 51.</param>
/// <param name="FrameIndex">u(FrameIndexBits); absent in an IDR, where it is 0.</param>
/// <param name="ReferenceIndex">u(FrameIndexBits); absent in an IDR, where it is 0. Equal to FrameIndex = the all-zero state.</param>
/// <param name="FeatureReset">f(1); absent in an IDR. Reserved: written 0, ignored by decoders.</param>
/// <param name="LtrTable">The long-term reference slots after this frame was marked.</param>
public readonly record struct FrameHeader(
    NaluType NaluType,
    int TemporalId,
    int Qp,
    int FrameIndex,
    int ReferenceIndex,
    bool FeatureReset,
    LtrTable LtrTable)
{
    /// <summary>Quantisation parameters run 0 (best) .. 51.</summary>
    public const int MaxQp = 51;

    /// <summary>temporal_id_plus1 has 3 bits, so that the eighth layer an SPS can announce cannot be used.</summary>
    public const int MaxTemporalId = 6;

    /// <summary>Predicted from the all-zero state; all other references are dropped.</summary>
    public bool IsIdr => NaluType == NaluType.IdrNLp;
}
