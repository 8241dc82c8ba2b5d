using System.Buffers.Binary;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>
/// The access unit of the test codec: which frame it is, what it needs, a mosaic of the picture, and filler up to the size that
/// the QP asks for. Everything is under a checksum, so that a frame put together wrongly is noticed.
/// </summary>
internal readonly record struct TestPayload(FrameType Type, ushort FrameId, ushort ReferenceId, byte MarkSlot, ushort Width, ushort Height)
{
    /// <summary>MarkSlot of a frame that is not kept.</summary>
    public const byte NoSlot = 0xFF;

    /// <summary>The mosaic has 16 by 16 luma samples.</summary>
    public const int MosaicSide = 16;

    public const int HeadBytes = 18;

    public const int MinBytes = HeadBytes + (MosaicSide * MosaicSide);

    private const ushort Magic = 0x4D54;  // "MT"

    public void Write(Span<byte> unit)
    {
        BinaryPrimitives.WriteUInt16BigEndian(unit, Magic);
        unit[2] = (byte)Type;
        unit[3] = MarkSlot;
        BinaryPrimitives.WriteUInt16BigEndian(unit[4..], FrameId);
        BinaryPrimitives.WriteUInt16BigEndian(unit[6..], ReferenceId);
        BinaryPrimitives.WriteUInt16BigEndian(unit[8..], Width);
        BinaryPrimitives.WriteUInt16BigEndian(unit[10..], Height);
        BinaryPrimitives.WriteUInt16BigEndian(unit[12..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(unit[14..], Checksum(unit));
    }

    public static bool TryRead(ReadOnlySpan<byte> unit, out TestPayload payload)
    {
        payload = default;
        if (unit.Length < MinBytes
            || BinaryPrimitives.ReadUInt16BigEndian(unit) != Magic
            || BinaryPrimitives.ReadUInt32BigEndian(unit[14..]) != Checksum(unit))
        {
            return false;
        }

        payload = new(
            (FrameType)unit[2],
            BinaryPrimitives.ReadUInt16BigEndian(unit[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(unit[6..]),
            unit[3],
            BinaryPrimitives.ReadUInt16BigEndian(unit[8..]),
            BinaryPrimitives.ReadUInt16BigEndian(unit[10..]));
        return payload.Width is > 0 and <= 16384 && payload.Width % 2 == 0 && payload.Height is > 0 and <= 16384 && payload.Height % 2 == 0;
    }

    /// <summary>FNV-1a over all but the checksum itself.</summary>
    private static uint Checksum(ReadOnlySpan<byte> unit)
    {
        uint hash = 2166136261;
        for (int i = 0; i < unit.Length; i++)
        {
            hash = i is >= 14 and < 18 ? hash : unchecked((hash ^ unit[i]) * 16777619);
        }

        return hash;
    }
}
