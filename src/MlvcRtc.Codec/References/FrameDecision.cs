using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.References;

/// <summary>
/// How the next frame is predicted and kept: the answer of <see cref="GopStructure.Decide"/>, which becomes true with
/// <see cref="GopStructure.Commit"/>. Made only by the GOP structure.
/// </summary>
public readonly struct FrameDecision
{
    /// <summary>Intra restarts everything; Recovery predicts from a long-term reference and restarts the layer pattern.</summary>
    public FrameType Type { get; internal init; }

    /// <summary>As in the header; 0 for Intra.</summary>
    public int FrameIndex { get; internal init; }

    /// <summary>As in the header: the frame predicted from; 0 for Intra, whose reference is the all-zero state.</summary>
    public int ReferenceIndex { get; internal init; }

    /// <summary>Frames since the IDR, not wrapped; FrameIndex is its low bits.</summary>
    public long FrameNumber { get; internal init; }

    /// <summary>Frames since the layer pattern restarted.</summary>
    public long GopIndex { get; internal init; }

    /// <summary>0 = base layer; 1 = enhancement layer, never referred to.</summary>
    public int TemporalId { get; internal init; }

    /// <summary>Predictions from the all-zero state to this frame; 0 for Intra.</summary>
    public long ChainLength { get; internal init; }

    /// <summary>The slots after this frame was marked: what its header shows.</summary>
    public LtrTable LtrTable { get; internal init; }

    /// <summary>The slot this frame is kept in, if any.</summary>
    public int? MarkedSlot { get; internal init; }

    /// <summary>RecoverFromSlot named an empty slot (or one too old), and the frame was decided as if it had not been asked.</summary>
    public bool HintIgnored { get; internal init; }

    /// <summary>The frame type as the NAL unit header names it.</summary>
    public NaluType NaluType => Type == FrameType.Intra ? NaluType.IdrNLp : TemporalId > 0 ? NaluType.TsaR : NaluType.TrailR;

    /// <summary>The state of the GOP structure after this frame.</summary>
    internal GopState Next { get; init; }

    /// <summary>The frame header of this decision.</summary>
    /// <param name="qp">0..51.</param>
    public FrameHeader ToHeader(int qp) => new(NaluType, TemporalId, qp, FrameIndex, ReferenceIndex, false, LtrTable);
}
