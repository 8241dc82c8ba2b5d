namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// Writes one stream: 32-bit state, bytes, 16-bit frequencies. rANS is last in, first out, so symbols go in from the last to
/// the first and bytes appear from the end of the buffer to its front. One thread; the buffer is reused and only grows.
/// </summary>
public sealed class RansEncoder
{
    /// <summary>The state every stream starts from, and the lowest one between symbols.</summary>
    public const uint LowerBound = 1u << 23;

    /// <summary>Even choices that the state a stream starts from has room for.</summary>
    public const int FreeBits = 23;

    /// <summary>Most bytes one value can cost: sentinel 16 bits, digit count 12, digits 32, and what the state sheds beside.</summary>
    private const int MaxBytesPerValue = 9;

    /// <summary>Most bytes one choice can cost: 16 bits.</summary>
    private const int MaxBytesPerChoice = 2;

    private byte[] _buffer = new byte[16 * 1024];
    private int _position;
    private uint _state = LowerBound;

    public RansEncoder() => _position = _buffer.Length;

    /// <summary>Begins a new stream; the bytes of the last one become invalid.</summary>
    public void Start()
    {
        _position = _buffer.Length;
        _state = LowerBound;
    }

    /// <summary>Codes <paramref name="values"/> from the last to the first, value i with table <paramref name="indices"/>[i].</summary>
    /// <param name="tables">The table set of these values.</param>
    /// <param name="values">Any integers.</param>
    /// <param name="indices">Table per value. Negative: not coded, the value must be 0. Above the last table: the last table.</param>
    public void Put(FrequencyTables tables, ReadOnlySpan<int> values, ReadOnlySpan<short> indices)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentOutOfRangeException.ThrowIfNotEqual(indices.Length, values.Length);
        Reserve(values.Length, MaxBytesPerValue);
        ReadOnlySpan<FrequencyTable> all = tables.Tables;
        ReadOnlySpan<SymbolCode> codes = tables.Codes;
        byte[] buffer = _buffer;
        int position = _position;
        uint state = _state;
        for (int i = values.Length - 1; i >= 0; i--)
        {
            int index = indices[i];
            if ((uint)index >= (uint)all.Length)
            {
                if (index < 0)
                {
                    ArgumentOutOfRangeException.ThrowIfNotEqual(values[i], 0, nameof(values));
                    continue;
                }

                index = all.Length - 1;
            }

            ref readonly FrequencyTable table = ref all[index];
            state = PutValue(table, codes, values[i], state, buffer, ref position);
        }

        _position = position;
        _state = state;
    }

    /// <summary>Codes <paramref name="values"/> from the last to the first, all with table <paramref name="index"/>.</summary>
    public void Put(FrequencyTables tables, ReadOnlySpan<int> values, int index)
    {
        ArgumentNullException.ThrowIfNull(tables);
        Reserve(values.Length, MaxBytesPerValue);
        ref readonly FrequencyTable table = ref tables.Tables[index];
        ReadOnlySpan<SymbolCode> codes = tables.Codes;
        int position = _position;
        uint state = _state;
        for (int i = values.Length - 1; i >= 0; i--)
        {
            state = PutValue(table, codes, values[i], state, _buffer, ref position);
        }

        _position = position;
        _state = state;
    }

    /// <summary>Begins a new stream that ends with even choices: the last <see cref="FreeBits"/> of them cost nothing, in the bits of the first state, the first of them lowest.</summary>
    public void Start(ReadOnlySpan<BinaryChoice> even)
    {
        Start();
        int coded = int.Max(even.Length - FreeBits, 0);
        for (int n = coded; n < even.Length; n++)
        {
            _state |= even[n].Yes ? 1u << (n - coded) : 0;
        }

        Put(even[..coded]);
    }

    /// <summary>Codes <paramref name="choices"/> from the last to the first.</summary>
    public void Put(ReadOnlySpan<BinaryChoice> choices)
    {
        Reserve(choices.Length, MaxBytesPerChoice);
        for (int i = choices.Length - 1; i >= 0; i--)
        {
            (uint start, uint frequency) = (choices[i].Start, choices[i].Frequency);
            while (_state >= frequency << (31 - FrequencyTables.PrecisionBits))
            {
                _buffer[--_position] = (byte)_state;
                _state >>= 8;
            }

            _state = (_state / frequency << FrequencyTables.PrecisionBits) + start + (_state % frequency);
        }
    }

    /// <summary>Ends the stream. The bytes are valid until the next <see cref="Start()"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        Reserve(1, MaxBytesPerValue);
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            _buffer[--_position] = (byte)(_state >> shift);
        }

        return _buffer.AsSpan(_position);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static uint PutValue(in FrequencyTable table, ReadOnlySpan<SymbolCode> codes, int value, uint state, byte[] buffer, ref int position)
    {
        int symbol = unchecked(value + table.Offset);
        return (uint)symbol < (uint)table.Sentinel
            ? PutSymbol(codes[table.First + symbol], state, buffer, ref position)
            : PutEscape(table, codes, value, state, buffer, ref position);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static uint PutSymbol(in SymbolCode code, uint state, byte[] buffer, ref int position)
    {
        while (state >= code.Limit)
        {
            buffer[--position] = (byte)state;
            state >>= 8;
        }

        uint quotient = (uint)((ulong)state * code.Reciprocal >> code.Shift);
        return state + code.Start + (quotient * code.Complement);
    }

    /// <summary>The escape back to front: digits from the highest, then the digit count, then the sentinel.</summary>
    private static uint PutEscape(in FrequencyTable table, ReadOnlySpan<SymbolCode> codes, int value, uint state, byte[] buffer, ref int position)
    {
        uint code = Escape.CodeOf((long)value + table.Offset, table.Sentinel);
        int count = Escape.DigitCount(code);
        for (int digit = count - 1; digit >= 0; digit--)
        {
            state = PutDigit(code >> (digit * Escape.DigitBits) & Escape.LargestDigit, state, buffer, ref position);
        }

        state = PutDigit((uint)count % Escape.LargestDigit, state, buffer, ref position);
        for (int more = count / (int)Escape.LargestDigit; more > 0; more--)
        {
            state = PutDigit(Escape.LargestDigit, state, buffer, ref position);
        }

        return PutSymbol(codes[table.First + table.Sentinel], state, buffer, ref position);
    }

    private static uint PutDigit(uint digit, uint state, byte[] buffer, ref int position)
    {
        while (state >= 1u << (31 - Escape.DigitBits))
        {
            buffer[--position] = (byte)state;
            state >>= 8;
        }

        return (state << Escape.DigitBits) + digit;
    }

    /// <summary>Makes room in front for <paramref name="count"/> more values or choices at their worst.</summary>
    private void Reserve(int count, int mostBytes)
    {
        int needed = checked((count + 1) * mostBytes);
        if (_position >= needed)
        {
            return;
        }

        int used = _buffer.Length - _position;
        byte[] larger = new byte[checked(int.Max(_buffer.Length * 2, used + needed))];
        _buffer.AsSpan(_position).CopyTo(larger.AsSpan(larger.Length - used));
        _position = larger.Length - used;
        _buffer = larger;
    }
}
