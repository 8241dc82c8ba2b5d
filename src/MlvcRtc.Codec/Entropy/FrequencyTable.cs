namespace MlvcRtc.Codec.Entropy;

/// <summary>One table of a set: where its symbols lie, and its value 0, which is about 99 % of what is coded.</summary>
internal readonly struct FrequencyTable(int first, int offset, int sentinel, int total, in SymbolCode zero)
{
    /// <summary>Position of symbol 0 in <see cref="FrequencyTables.Codes"/>.</summary>
    public readonly int First = first;

    /// <summary>Symbol of value 0.</summary>
    public readonly int Offset = offset;

    /// <summary>Symbol that announces an escape; the table's last.</summary>
    public readonly int Sentinel = sentinel;

    /// <summary>Sum of the frequencies, ≤ 65536; slots from here on are a gap.</summary>
    public readonly uint Total = (uint)total;

    /// <summary>First slot of value 0.</summary>
    public readonly uint ZeroStart = zero.Start;

    /// <summary>Slots of value 0.</summary>
    public readonly uint ZeroFrequency = zero.Frequency;
}
