using System.Runtime.CompilerServices;
using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.Codec.References;

/// <summary>What the encoder knows of one long-term reference.</summary>
/// <param name="FrameNumber">Frames since the IDR, not wrapped; -1 = empty slot.</param>
/// <param name="ChainLength">Predictions from the all-zero state to this frame.</param>
/// <param name="IsRoot">A renewal of the chain may start here (Internal mode).</param>
public readonly record struct LtrSlot(long FrameNumber, long ChainLength, bool IsRoot)
{
    public static LtrSlot Empty { get; } = new(-1, 0, false);

    public bool IsOccupied => FrameNumber >= 0;
}

/// <summary>The long-term reference slots on the encoder's side: up to eight. A value; copying it copies all slots.</summary>
public struct LtrSlots
{
    private Entries _entries;

    /// <param name="count">Slots in use, 0..8; all empty.</param>
    public LtrSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, LtrTable.Capacity);
        Count = count;
        Clear();
    }

    /// <summary>Slots in use, occupied or not.</summary>
    public int Count { get; }

    /// <summary>What slot 0 .. Count - 1 holds.</summary>
    public readonly LtrSlot this[int slot]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));
            return _entries[slot];
        }
    }

    /// <summary>Empties all slots.</summary>
    public void Clear() => ((Span<LtrSlot>)_entries).Fill(LtrSlot.Empty);

    /// <summary>Puts a frame into a slot, in place of what was there.</summary>
    public void Mark(int slot, in LtrSlot frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));
        _entries[slot] = frame;
    }

    /// <summary>
    /// The slot for the next mark: the first free one; else, while at most two slots hold roots, the oldest that holds none; else the oldest.
    /// -1 when there are no slots.
    /// </summary>
    public readonly int Acquire()
    {
        int roots = 0;
        int oldest = -1;
        int oldestOrdinary = -1;
        for (int slot = 0; slot < Count; slot++)
        {
            LtrSlot held = _entries[slot];
            if (!held.IsOccupied)
            {
                return slot;
            }

            roots += held.IsRoot ? 1 : 0;
            oldest = oldest < 0 || held.FrameNumber < _entries[oldest].FrameNumber ? slot : oldest;
            if (!held.IsRoot && (oldestOrdinary < 0 || held.FrameNumber < _entries[oldestOrdinary].FrameNumber))
            {
                oldestOrdinary = slot;
            }
        }

        return roots <= 2 && oldestOrdinary >= 0 ? oldestOrdinary : oldest;
    }

    /// <summary>Empties the slots that hold frames newer than <paramref name="frameNumber"/>.</summary>
    public void InvalidateAfter(long frameNumber)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            if (_entries[slot].FrameNumber > frameNumber)
            {
                _entries[slot] = LtrSlot.Empty;
            }
        }
    }

    /// <summary>Empties the slots that hold frames older than <paramref name="frameNumber"/>.</summary>
    public void InvalidateBefore(long frameNumber)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            if (_entries[slot].FrameNumber < frameNumber)
            {
                _entries[slot] = LtrSlot.Empty;
            }
        }
    }

    /// <summary>The newest root not newer than <paramref name="bound"/>; <see cref="LtrSlot.Empty"/> if there is none.</summary>
    public readonly LtrSlot LatestRoot(long bound)
    {
        LtrSlot latest = LtrSlot.Empty;
        for (int slot = 0; slot < Count; slot++)
        {
            LtrSlot held = _entries[slot];
            if (held.IsRoot && held.FrameNumber <= bound && held.FrameNumber > latest.FrameNumber)
            {
                latest = held;
            }
        }

        return latest;
    }

    /// <summary>Whether some slot holds frame <paramref name="frameNumber"/>.</summary>
    public readonly bool Holds(long frameNumber)
    {
        for (int slot = 0; slot < Count; slot++)
        {
            if (_entries[slot].IsOccupied && _entries[slot].FrameNumber == frameNumber)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The slots as a frame header shows them.</summary>
    public readonly LtrTable ToTable(FrameIndexSpace space)
    {
        LtrTable table = default;
        for (int slot = 0; slot < Count; slot++)
        {
            table[slot] = _entries[slot].IsOccupied ? space.IndexOf(_entries[slot].FrameNumber) : LtrTable.Empty;
        }

        return table;
    }

    [InlineArray(LtrTable.Capacity)]
    private struct Entries
    {
        private LtrSlot _first;
    }
}
