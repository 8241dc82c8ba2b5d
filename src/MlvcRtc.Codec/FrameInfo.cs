using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Media;

namespace MlvcRtc.Codec;

/// <summary>What a decoded frame said about itself.</summary>
/// <param name="Type">As the header alone names it: a recovery at distance 1 or 2 reads as Inter.</param>
/// <param name="Header">QP, indices, temporal layer, long-term reference table.</param>
/// <param name="Sps">Model version, sizes and crop.</param>
public readonly record struct FrameInfo(FrameType Type, FrameHeader Header, SequenceParameterSet Sps);
