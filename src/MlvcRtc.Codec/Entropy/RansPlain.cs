namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// The definition of the stream, with plain division, one symbol at a time and no special case for value 0: slow, obvious, and what
/// <see cref="RansEncoder"/> and <see cref="RansDecoder"/> are tested against.
/// </summary>
public static class RansPlain
{
    private const uint LowerBound = 1u << 23;
    private const int DigitBits = 2;

    /// <summary>The whole stream of <paramref name="values"/>.</summary>
    /// <param name="tables">Table set.</param>
    /// <param name="values">In the order of decoding.</param>
    /// <param name="indices">Table per value; negative: not coded; above the last table: the last table.</param>
    public static byte[] Encode(FrequencyTables tables, ReadOnlySpan<int> values, ReadOnlySpan<short> indices)
    {
        ArgumentNullException.ThrowIfNull(tables);
        var backwards = new List<byte>();
        uint state = LowerBound;
        for (int i = values.Length - 1; i >= 0; i--)
        {
            if (indices[i] < 0)
            {
                continue;
            }

            FrequencyTable table = tables.Tables[int.Min(indices[i], tables.Count - 1)];
            long symbol = (long)values[i] + table.Offset;
            if (symbol < 0 || symbol >= table.Sentinel)
            {
                long code = symbol < 0 ? (2 * -symbol) - 1 : 2 * (symbol - table.Sentinel);
                PushEscape(code, ref state, backwards);
                symbol = table.Sentinel;
            }

            SymbolCode entry = tables.Codes[table.First + (int)symbol];
            Push(entry.Start, entry.Frequency, FrequencyTables.PrecisionBits, ref state, backwards);
        }

        for (int shift = 24; shift >= 0; shift -= 8)
        {
            backwards.Add((byte)(state >> shift));
        }

        backwards.Reverse();
        return [.. backwards];
    }

    /// <summary>Reads a whole stream; the values are meaningless unless the status is Ok.</summary>
    public static EntropyStatus Decode(FrequencyTables tables, ReadOnlySpan<byte> data, Span<int> values, ReadOnlySpan<short> indices)
    {
        ArgumentNullException.ThrowIfNull(tables);
        if (data.Length < 4)
        {
            return EntropyStatus.Truncated;
        }

        uint state = data[0] | ((uint)data[1] << 8) | ((uint)data[2] << 16) | ((uint)data[3] << 24);
        if (state < LowerBound || state > int.MaxValue)
        {
            return EntropyStatus.InvalidStart;
        }

        int position = 4;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 0;
            if (indices[i] < 0)
            {
                continue;
            }

            FrequencyTable table = tables.Tables[int.Min(indices[i], tables.Count - 1)];
            EntropyStatus status = PullValue(table, tables.Codes, data, ref position, ref state, out values[i]);
            if (status != EntropyStatus.Ok)
            {
                return status;
            }
        }

        return position == data.Length && state == LowerBound ? EntropyStatus.Ok : EntropyStatus.InvalidEnd;
    }

    private static void PushEscape(long code, ref uint state, List<byte> backwards)
    {
        var digits = new List<uint>();
        for (long rest = code; rest > 0; rest /= 4)
        {
            digits.Add((uint)(rest % 4));
        }

        var inOrder = new List<uint>();
        for (int count = digits.Count; count >= 0; count -= 3)
        {
            inOrder.Add((uint)int.Min(count, 3));
        }

        inOrder.AddRange(digits);
        for (int i = inOrder.Count - 1; i >= 0; i--)
        {
            Push(inOrder[i], 1, DigitBits, ref state, backwards);
        }
    }

    private static void Push(uint start, uint frequency, int bits, ref uint state, List<byte> backwards)
    {
        while (state >= frequency << (31 - bits))
        {
            backwards.Add((byte)state);
            state >>= 8;
        }

        state = (state / frequency << bits) + start + (state % frequency);
    }

    private static EntropyStatus PullValue(FrequencyTable table, ReadOnlySpan<SymbolCode> codes, ReadOnlySpan<byte> data, ref int position, ref uint state, out int value)
    {
        value = 0;
        for (int symbol = 0; symbol <= table.Sentinel; symbol++)
        {
            SymbolCode entry = codes[table.First + symbol];
            uint slot = state % (1u << FrequencyTables.PrecisionBits);
            if (slot >= entry.Start && slot < entry.Start + entry.Frequency)
            {
                value = symbol - table.Offset;
                EntropyStatus status = Pull(entry.Start, entry.Frequency, FrequencyTables.PrecisionBits, data, ref position, ref state);
                return status != EntropyStatus.Ok || symbol < table.Sentinel ? status : PullEscape(table, data, ref position, ref state, out value);
            }
        }

        return EntropyStatus.InvalidSymbol;
    }

    private static EntropyStatus PullEscape(FrequencyTable table, ReadOnlySpan<byte> data, ref int position, ref uint state, out int value)
    {
        value = 0;
        long count = 0;
        for (uint digit = 3; digit == 3;)
        {
            digit = state % 4;
            if (Pull(digit, 1, DigitBits, data, ref position, ref state) != EntropyStatus.Ok)
            {
                return EntropyStatus.Truncated;
            }

            count += digit;
            if (count > 16)
            {
                return EntropyStatus.InvalidEscape;
            }
        }

        long code = 0;
        uint last = 1;
        for (int i = 0; i < count; i++)
        {
            last = state % 4;
            if (Pull(last, 1, DigitBits, data, ref position, ref state) != EntropyStatus.Ok)
            {
                return EntropyStatus.Truncated;
            }

            code += (long)last << (i * DigitBits);
        }

        long found = (code % 2 == 1 ? -((code + 1) / 2) : (code / 2) + table.Sentinel) - table.Offset;
        value = unchecked((int)found);
        return last == 0 || found is < int.MinValue or > int.MaxValue ? EntropyStatus.InvalidEscape : EntropyStatus.Ok;
    }

    private static EntropyStatus Pull(uint start, uint frequency, int bits, ReadOnlySpan<byte> data, ref int position, ref uint state)
    {
        state = (frequency * (state >> bits)) + (state % (1u << bits)) - start;
        while (state < LowerBound)
        {
            if (position == data.Length)
            {
                return EntropyStatus.Truncated;
            }

            state = (state << 8) | data[position];
            position++;
        }

        return EntropyStatus.Ok;
    }
}
