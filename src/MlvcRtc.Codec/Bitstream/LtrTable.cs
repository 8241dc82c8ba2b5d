using System.Runtime.CompilerServices;

namespace MlvcRtc.Codec.Bitstream;

/// <summary>Which frame each long-term reference slot holds: eight frame indices, -1 = empty. The default value is an empty table.</summary>
public struct LtrTable : IEquatable<LtrTable>
{
    /// <summary>u(4) num_ltr_slots could say 15; the codec's limit is 8.</summary>
    public const int Capacity = 8;

    /// <summary>What the indexer answers for an empty slot.</summary>
    public const int Empty = -1;

    // Index + 1, so that default(LtrTable) is an empty table.
    private Slots _slots;

    /// <summary>Frame index in slot 0..7, or -1.</summary>
    public int this[int slot]
    {
        readonly get => _slots[slot] - 1;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, Empty);
            _slots[slot] = value + 1;
        }
    }

    /// <summary>Highest occupied slot + 1: the num_ltr_slots of the syntax.</summary>
    public readonly int Count
    {
        get
        {
            int count = Capacity;
            while (count > 0 && _slots[count - 1] == 0)
            {
                count--;
            }

            return count;
        }
    }

    /// <summary>The first slot that holds <paramref name="frameIndex"/>, or -1.</summary>
    public readonly int SlotOf(int frameIndex)
    {
        for (int slot = 0; slot < Capacity; slot++)
        {
            if (this[slot] == frameIndex)
            {
                return frameIndex < 0 ? Empty : slot;
            }
        }

        return Empty;
    }

    /// <summary>Whether some slot holds <paramref name="frameIndex"/>.</summary>
    public readonly bool Contains(int frameIndex) => SlotOf(frameIndex) >= 0;

    public readonly bool Equals(LtrTable other) => ((ReadOnlySpan<int>)_slots).SequenceEqual(other._slots);

    public override readonly bool Equals(object? obj) => obj is LtrTable other && Equals(other);

    public override readonly int GetHashCode()
    {
        HashCode hash = default;
        foreach (int slot in (ReadOnlySpan<int>)_slots)
        {
            hash.Add(slot);
        }

        return hash.ToHashCode();
    }

    /// <summary>For people: <c>12,-,16,8</c>.</summary>
    public override readonly string ToString()
    {
        LtrTable table = this;
        return table.Count == 0 ? "-" : string.Join(',', Enumerable.Range(0, table.Count).Select(slot => table[slot] < 0 ? "-" : $"{table[slot]}"));
    }

    public static bool operator ==(LtrTable left, LtrTable right) => left.Equals(right);

    public static bool operator !=(LtrTable left, LtrTable right) => !left.Equals(right);

    [InlineArray(Capacity)]
    private struct Slots
    {
        private int _first;
    }
}
