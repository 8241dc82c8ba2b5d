namespace MlvcRtc.Codec.Bundles;

/// <summary>Which tensors the graphs have (docs/model-bundle.md). The element type of the others is read from the graph.</summary>
public enum InterfaceType
{
    /// <summary><c>fp16_scale_sending_no_reset_1p</c>: pictures as three full-size planes of v/255. libmlvc's.</summary>
    OfficialFp16,

    /// <summary><c>fp32_packed420_scale_sending_1p</c>: pictures as packed 4:2:0 bytes, 96 channels at 1/8. Ours (xs).</summary>
    PackedI420,
}
