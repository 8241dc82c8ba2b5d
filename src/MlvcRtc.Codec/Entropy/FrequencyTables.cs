namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// A set of integer symbol tables, immutable and validated. Table i codes value v as symbol s = v + offset when 0 ≤ s &lt; sentinel;
/// its last entry, the sentinel, announces an escape. Frequencies have 16 bits and may leave a gap at the top, which no valid stream hits.
/// </summary>
public sealed class FrequencyTables
{
    /// <summary>Bits of a frequency: the entries of one table sum to at most 2^16.</summary>
    public const int PrecisionBits = 16;

    /// <summary>More than any bundle has (the largest published one: 72 x 128 tables of at most 18 entries); stops absurd files.</summary>
    private const int MaxEntries = 1 << 20;

    private readonly FrequencyTable[] _tables;
    private readonly SymbolCode[] _codes;

    private FrequencyTables(FrequencyTable[] tables, SymbolCode[] codes)
    {
        _tables = tables;
        _codes = codes;
    }

    /// <summary>Number of tables.</summary>
    public int Count => _tables.Length;

    internal ReadOnlySpan<FrequencyTable> Tables => _tables;

    /// <summary>All tables' symbols in a row; table i begins at <see cref="FrequencyTable.First"/>.</summary>
    internal ReadOnlySpan<SymbolCode> Codes => _codes;

    /// <param name="lengths">Entries per table, escape included; each ≥ 2.</param>
    /// <param name="offsets">Symbol index of value 0 per table; 0 ≤ offset &lt; length − 1.</param>
    /// <param name="frequencies">The tables' entries one after another, each ≥ 1.</param>
    /// <exception cref="InvalidDataException">The tables break a rule; the message says which and where.</exception>
    public static FrequencyTables Build(ReadOnlySpan<int> lengths, ReadOnlySpan<int> offsets, ReadOnlySpan<int> frequencies)
    {
        if (lengths.Length == 0 || lengths.Length != offsets.Length)
        {
            throw new InvalidDataException($"{lengths.Length} table lengths but {offsets.Length} offsets; a table set has one of each per table, and at least one table.");
        }

        if (frequencies.Length > MaxEntries)
        {
            throw new InvalidDataException($"{frequencies.Length} frequencies; a table set has at most {MaxEntries}.");
        }

        var tables = new FrequencyTable[lengths.Length];
        var codes = new SymbolCode[frequencies.Length];
        int first = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            int length = lengths[i];
            if (length < 2 || length > frequencies.Length - first)
            {
                throw new InvalidDataException($"Table {i} has length {length}; expected 2 to {frequencies.Length - first}, the frequencies that are left.");
            }

            tables[i] = BuildTable(i, first, offsets[i], frequencies.Slice(first, length), codes.AsSpan(first, length));
            first += length;
        }

        return first == frequencies.Length
            ? new FrequencyTables(tables, codes)
            : throw new InvalidDataException($"The table lengths sum to {first} but there are {frequencies.Length} frequencies.");
    }

    private static FrequencyTable BuildTable(int number, int first, int offset, ReadOnlySpan<int> frequencies, Span<SymbolCode> codes)
    {
        int sentinel = frequencies.Length - 1;
        if (offset < 0 || offset >= sentinel)
        {
            throw new InvalidDataException($"Table {number} has offset {offset}; expected 0 to {sentinel - 1}, so that value 0 has a symbol.");
        }

        int start = 0;
        for (int s = 0; s < frequencies.Length; s++)
        {
            int frequency = frequencies[s];
            if (frequency < 1 || frequency > (1 << PrecisionBits) - start)
            {
                throw new InvalidDataException($"Table {number}, entry {s}: frequency {frequency} after a sum of {start}; expected at least 1 and a sum of at most {1 << PrecisionBits}.");
            }

            codes[s] = new SymbolCode(start, frequency);
            start += frequency;
        }

        return new FrequencyTable(first, offset, sentinel, start, codes[offset]);
    }
}
