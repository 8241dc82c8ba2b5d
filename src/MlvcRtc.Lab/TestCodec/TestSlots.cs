using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>Eight long-term reference slots, by frame id; the header of every frame shows them, as in the real codec. A value.</summary>
internal struct TestSlots
{
    public const int Count = 8;

    /// <summary>A byte that tells which are occupied, and the ids.</summary>
    public const int SizeBytes = 1 + (2 * Count);

    private Ids _ids;
    private byte _occupied;

    public readonly ushort? this[int slot] => (_occupied & (1 << slot)) != 0 ? _ids[slot] : null;

    public readonly bool Contains(ushort frameId)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            if (this[slot] == frameId)
            {
                return true;
            }
        }

        return false;
    }

    public void Set(int slot, ushort frameId)
    {
        _ids[slot] = frameId;
        _occupied |= (byte)(1 << slot);
    }

    /// <summary>Empties slots whose frames are too old for their ids to be told from new ones (half the circle, as in the real codec).</summary>
    public void DropStale(ushort newest)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            if (this[slot] is { } id && (ushort)(newest - id) >= 0x8000)
            {
                _occupied &= (byte)~(1 << slot);
            }
        }
    }

    public readonly void Write(Span<byte> bytes)
    {
        bytes[0] = _occupied;
        for (int slot = 0; slot < Count; slot++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(1 + (2 * slot))..], _ids[slot]);
        }
    }

    public static TestSlots Read(ReadOnlySpan<byte> bytes)
    {
        TestSlots slots = new() { _occupied = bytes[0] };
        for (int slot = 0; slot < Count; slot++)
        {
            slots._ids[slot] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(1 + (2 * slot))..]);
        }

        return slots;
    }

    [InlineArray(Count)]
    private struct Ids
    {
        private ushort _first;
    }
}
