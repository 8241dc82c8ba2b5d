using MlvcRtc.Codec.References;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Codec;

/// <summary>Settings of <see cref="Encoder"/>.</summary>
public sealed record EncoderOptions
{
    /// <summary>The prediction pattern. Default: the call profile with one temporal layer.</summary>
    public GopOptions Gop { get; init; } = GopOptions.ForCall();

    /// <summary>What fills the model's area beside the picture; the receiver cuts it off. Default: the picture's edge.</summary>
    public PaddingKind Padding { get; init; } = PaddingKind.Edge;
}
