using System.Buffers.Binary;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>
/// The access unit of the test codec: which frame it is, what it needs, what stays in the slots, a mosaic of the picture, and filler up to the size
/// that the QP asks for. Everything is under a checksum, so that a frame put together wrongly is noticed.
/// </summary>
/// <param name="Slots">The long-term references after this frame.</param>
/// <param name="Discardable">No later frame refers to this one.</param>
internal readonly record struct TestPayload(FrameType Type, ushort FrameId, ushort ReferenceId, ushort Width, ushort Height, TestSlots Slots, bool Discardable = false)
{
    /// <summary>The mosaic has 16 by 16 luma samples.</summary>
    public const int MosaicSide = 16;

    public const int HeadBytes = ChecksumAt + 4;

    public const int MinBytes = HeadBytes + (MosaicSide * MosaicSide);

    private const int SlotsAt = 12;
    private const int ChecksumAt = SlotsAt + TestSlots.SizeBytes;
    private const ushort Magic = 0x4D54;  // "MT"

    public void Write(Span<byte> unit)
    {
        BinaryPrimitives.WriteUInt16BigEndian(unit, Magic);
        unit[2] = (byte)Type;
        unit[3] = (byte)(Discardable ? 1 : 0);
        BinaryPrimitives.WriteUInt16BigEndian(unit[4..], FrameId);
        BinaryPrimitives.WriteUInt16BigEndian(unit[6..], ReferenceId);
        BinaryPrimitives.WriteUInt16BigEndian(unit[8..], Width);
        BinaryPrimitives.WriteUInt16BigEndian(unit[10..], Height);
        Slots.Write(unit[SlotsAt..]);
        BinaryPrimitives.WriteUInt32BigEndian(unit[ChecksumAt..], Checksum(unit));
    }

    public static bool TryRead(ReadOnlySpan<byte> unit, out TestPayload payload)
    {
        payload = default;
        if (unit.Length < MinBytes
            || BinaryPrimitives.ReadUInt16BigEndian(unit) != Magic
            || BinaryPrimitives.ReadUInt32BigEndian(unit[ChecksumAt..]) != Checksum(unit))
        {
            return false;
        }

        payload = new(
            (FrameType)unit[2],
            BinaryPrimitives.ReadUInt16BigEndian(unit[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(unit[6..]),
            BinaryPrimitives.ReadUInt16BigEndian(unit[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(unit[10..]),
            TestSlots.Read(unit[SlotsAt..]),
            unit[3] != 0);
        return payload.Width is > 0 and <= 16384 && payload.Width % 2 == 0 && payload.Height is > 0 and <= 16384 && payload.Height % 2 == 0;
    }

    /// <summary>What the transport said of the frame is what it says itself; the size is said with key frames only.</summary>
    public bool IsAsDelivered(EncodedFrame frame)
    {
        bool sameMark = frame.LtrSlot is { } slot ? Slots[slot] == FrameId : !Slots.Contains(FrameId);
        bool sameSize = frame.Type != FrameType.Intra || (frame.CodedWidth, frame.CodedHeight) == (Width, Height);
        return (frame.Type, frame.FrameId, frame.ReferenceId, frame.Discardable) == (Type, FrameId, ReferenceId, Discardable)
            && frame.TemporalId == (Discardable ? 1 : 0) && sameMark && sameSize;
    }

    /// <summary>FNV-1a over all but the checksum itself.</summary>
    private static uint Checksum(ReadOnlySpan<byte> unit)
    {
        uint hash = 2166136261;
        foreach (byte value in unit[..ChecksumAt])
        {
            hash = unchecked((hash ^ value) * 16777619);
        }

        foreach (byte value in unit[HeadBytes..])
        {
            hash = unchecked((hash ^ value) * 16777619);
        }

        return hash;
    }
}
