using MlvcRtc.Media;

namespace MlvcRtc.Codec.Bitstream;

/// <summary>One parsed access unit. A view: <see cref="EncodedData"/> is valid until the parser's next call.</summary>
public readonly ref struct ParsedFrame
{
    internal ParsedFrame(SequenceParameterSet sps, PictureParameterSet pps, FrameHeader header, ReadOnlySpan<byte> encodedData)
    {
        Sps = sps;
        Pps = pps;
        Header = header;
        EncodedData = encodedData;
    }

    /// <summary>
    /// The sequence parameters in force. They may differ from those of the frame before even when this is no IDR (a damaged or
    /// hostile stream): whoever keeps states of another size must not predict from them.
    /// </summary>
    public SequenceParameterSet Sps { get; }

    public PictureParameterSet Pps { get; }

    public FrameHeader Header { get; }

    /// <summary>The rANS stream, at least one byte, emulation prevention removed.</summary>
    public ReadOnlySpan<byte> EncodedData { get; }

    /// <summary>
    /// How the header alone lets the frame be named: Recovery is a base-layer frame more than two frames after its reference
    /// (two is the ordinary step with two temporal layers), so that a recovery at distance 1 or 2 reads as Inter.
    /// </summary>
    public FrameType FrameType
    {
        get
        {
            if (Header.IsIdr)
            {
                return FrameType.Intra;
            }

            int mask = (int)((1u << Sps.FrameIndexBits) - 1);
            int distance = (Header.FrameIndex - Header.ReferenceIndex) & mask;
            return Header.TemporalId == 0 && distance > 2 ? FrameType.Recovery : FrameType.Inter;
        }
    }
}
