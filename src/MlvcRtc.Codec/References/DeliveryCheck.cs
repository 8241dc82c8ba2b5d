using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.References;

/// <summary>
/// Compares what the transport said of a frame (docs/payload-format.md §3) with the frame's own header. The transport's word decided which frame was delivered and
/// what the sender is told; the header decides what is decoded. If the two could differ, a forged descriptor would have states confirmed that are not held, or
/// let a frame pass for the repair of a break. One per decoder; one thread at a time.
/// </summary>
public sealed class DeliveryCheck
{
    private ushort? _keyFrameId;
    private LtrTable? _slots;  // null: nothing decoded since the last I-frame began

    /// <summary>The first disagreement, for people; null when there is none. Changes nothing.</summary>
    /// <param name="delivered">What the transport said.</param>
    /// <param name="header">What the frame says.</param>
    /// <param name="indices">The stream's index width.</param>
    public string? Find(EncodedFrame delivered, in FrameHeader header, FrameIndexSpace indices)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        if (header.IsIdr != (delivered.Type == FrameType.Intra))
        {
            return $"was delivered as {delivered.Type}, but {(header.IsIdr ? "is" : "is not")} an I-frame";
        }

        if (header.TemporalId != delivered.TemporalId)
        {
            return $"was delivered in layer {delivered.TemporalId}, but is in layer {header.TemporalId}";
        }

        bool sameMark = delivered.LtrSlot is { } slot ? header.LtrTable[slot] == header.FrameIndex : !header.LtrTable.Contains(header.FrameIndex);
        if (!sameMark)
        {
            return $"was delivered as {Mark(delivered.LtrSlot)}, but its slots are {header.LtrTable}";
        }

        return header.IsIdr ? null : FindInPredicted(delivered, header, indices);
    }

    /// <summary>The frame was decoded: what follows is compared with it.</summary>
    /// <param name="delivered">Null: nothing was said of it, as in a file.</param>
    /// <param name="header">Of the frame.</param>
    public void Decoded(EncodedFrame? delivered, in FrameHeader header)
    {
        _keyFrameId = header.IsIdr ? delivered?.FrameId : _keyFrameId;
        _slots = header.LtrTable;
    }

    /// <summary>An I-frame begins: nothing before it counts, even if it turns out damaged.</summary>
    public void Forget()
    {
        _keyFrameId = null;
        _slots = null;
    }

    private string? FindInPredicted(EncodedFrame delivered, in FrameHeader header, FrameIndexSpace indices)
    {
        // Ids have 16 bits and run on over I-frames, where indices restart: what both can show is compared.
        int common = (int)long.Min(indices.Size, 1 << 16) - 1;
        if (((indices.Age(header.FrameIndex, header.ReferenceIndex) ^ (delivered.FrameId - delivered.ReferenceId)) & common) != 0)
        {
            return $"was delivered as predicted from {(ushort)(delivered.FrameId - delivered.ReferenceId)} frames back, but names frame {header.ReferenceIndex}";
        }

        if (_keyFrameId is { } key && ((header.FrameIndex ^ (delivered.FrameId - key)) & common) != 0)
        {
            return $"was delivered as number {(ushort)(delivered.FrameId - key)} after the I-frame";
        }

        return delivered.Type == FrameType.Recovery && (header.TemporalId > 0 || _slots?.Contains(header.ReferenceIndex) == false)
            ? $"was delivered as a recovery, but frame {header.ReferenceIndex} is in none of the slots {_slots}"
            : null;
    }

    private static string Mark(int? slot) => slot is null ? "not marked" : $"marked into slot {slot}";
}
