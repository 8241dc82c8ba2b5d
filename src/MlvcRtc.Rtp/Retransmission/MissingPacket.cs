using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.Rtp.Retransmission;

/// <summary>
/// A sequence number that did not come, and where its packet stands: counted from the last packet before the gap and the first after it. Both counts are
/// right unless a retransmission or padding, which take numbers too, was lost in the same gap; then each is a guess.
/// </summary>
internal struct MissingPacket
{
    /// <summary>Unwrapped.</summary>
    public long Sequence;

    /// <summary>The packet before the gap; this one is <see cref="Ahead"/> packets after it.</summary>
    public PacketPosition Below;

    public int Ahead;

    /// <summary>The first packet after the gap, once it came; this one is <see cref="Back"/> packets before it.</summary>
    public PacketPosition? Above;

    /// <summary>0 = not known.</summary>
    public int Back;

    public TimeSpan NoticedAt;

    /// <summary>Packets of higher number that had come when this gap was noticed.</summary>
    public long NoticedAtPacket;

    public TimeSpan? RequestedAt;

    /// <summary>Requests sent.</summary>
    public int Tries;

    /// <summary>The frame that lacks this packet; -1 = it is not needed any more; null = it cannot be told yet.</summary>
    public readonly long? WantedBy(FrameAssembler assembler)
    {
        if (Below.Fragment + Ahead <= Below.LastFragment && !assembler.Has(Below.Frame, Below.Fragment + Ahead))
        {
            return Below.Frame;
        }

        if (Above is not { } above)
        {
            return null;
        }

        if (Back > 0 && above.Fragment >= Back && !assembler.Has(above.Frame, above.Fragment - Back))
        {
            return above.Frame;
        }

        // Retransmissions took numbers in the same gap: what is missing at the end of the frame below may stand just before the frame above.
        int fromEnd = Below.LastFragment + 1 + above.Fragment - Back;
        if (Back > above.Fragment && above.Frame == Below.Frame + 1 && fromEnd > Below.Fragment && !assembler.Has(Below.Frame, fromEnd))
        {
            return Below.Frame;
        }

        // Within a frame, both counts name packets that are here: the lost one was a retransmission or padding.
        bool between = Below.Fragment + Ahead > Below.LastFragment && !(Back > 0 && above.Fragment >= Back);
        for (long frame = Below.Frame + 1; between && frame < above.Frame; frame++)
        {
            if (!assembler.IsWhole(frame))
            {
                return frame;
            }
        }

        return -1;
    }
}
