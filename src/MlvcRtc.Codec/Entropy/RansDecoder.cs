using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// Reads one stream that a <see cref="RansEncoder"/> (or libmlvc) wrote. It borrows the bytes, never reads past them and never throws
/// on what they hold: the first violation sticks in <see cref="Status"/>, and <see cref="Finish"/> reports it.
/// </summary>
public ref struct RansDecoder
{
    private readonly ReadOnlySpan<byte> _data;
    private int _position;
    private uint _state;

    public RansDecoder(ReadOnlySpan<byte> data)
    {
        _data = data;
        if (data.Length < sizeof(uint))
        {
            Status = EntropyStatus.Truncated;
            return;
        }

        _state = BinaryPrimitives.ReadUInt32LittleEndian(data);
        _position = sizeof(uint);
        if (_state < RansEncoder.LowerBound || _state >= RansEncoder.LowerBound << 8)
        {
            Status = EntropyStatus.InvalidStart;
        }
    }

    /// <summary>What went wrong so far.</summary>
    public EntropyStatus Status { get; private set; }

    /// <summary>Reads one value per element of <paramref name="values"/>, value i with table <paramref name="indices"/>[i].</summary>
    /// <returns>False after a violation, now or earlier; the values are then meaningless.</returns>
    /// <param name="tables">The table set of these values.</param>
    /// <param name="values">Overwritten.</param>
    /// <param name="indices">Table per value. Negative: not coded, the value is 0. Above the last table: the last table.</param>
    public bool Take(FrequencyTables tables, Span<int> values, ReadOnlySpan<short> indices)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentOutOfRangeException.ThrowIfNotEqual(indices.Length, values.Length);
        ReadOnlySpan<FrequencyTable> all = tables.Tables;
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        uint state = _state;
        EntropyStatus status = Status;
        for (int i = 0; i < values.Length && status == EntropyStatus.Ok; i++)
        {
            int index = indices[i];
            if ((uint)index >= (uint)all.Length)
            {
                if (index < 0)
                {
                    values[i] = 0;
                    continue;
                }

                index = all.Length - 1;
            }

            status = TakeValue(all[index], tables, data, ref position, ref state, out values[i]);
        }

        _position = position;
        _state = state;
        Status = status;
        return status == EntropyStatus.Ok;
    }

    /// <summary>Reads one value per element of <paramref name="values"/>, all with table <paramref name="index"/>.</summary>
    public bool Take(FrequencyTables tables, Span<int> values, int index)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ref readonly FrequencyTable table = ref tables.Tables[index];
        int position = _position;
        uint state = _state;
        EntropyStatus status = Status;
        for (int i = 0; i < values.Length && status == EntropyStatus.Ok; i++)
        {
            status = TakeValue(table, tables, _data, ref position, ref state, out values[i]);
        }

        _position = position;
        _state = state;
        Status = status;
        return status == EntropyStatus.Ok;
    }

    /// <summary>Reads a yes or no whose odds are <paramref name="noSlots"/> in 2^16 for no, 1 .. 65535. No after a violation, now or earlier.</summary>
    public bool Take(ushort noSlots)
    {
        if (Status != EntropyStatus.Ok)
        {
            return false;
        }

        uint slot = _state & ((1u << FrequencyTables.PrecisionBits) - 1);
        BinaryChoice choice = new(noSlots, slot >= noSlots);
        _state = (choice.Frequency * (_state >> FrequencyTables.PrecisionBits)) + slot - choice.Start;
        Status = Refill(_data, ref _position, ref _state);
        return choice.Yes && Status == EntropyStatus.Ok;
    }

    /// <summary>Reads the even choices that the encoder's first state held, as <see cref="RansEncoder.Start(ReadOnlySpan{BinaryChoice})"/> put them there; 0 after a violation.</summary>
    /// <param name="count">1 .. <see cref="RansEncoder.FreeBits"/>.</param>
    internal uint TakeFree(int count)
    {
        uint free = _state - RansEncoder.LowerBound;
        if (_position != _data.Length || free >> count != 0)
        {
            Refuse(EntropyStatus.InvalidEnd);
        }

        _state = RansEncoder.LowerBound;
        return Status == EntropyStatus.Ok ? free : 0;
    }

    /// <summary>What was read means nothing that may be: notes it as the first violation, unless there was one.</summary>
    internal void Refuse(EntropyStatus violation) => Status = Status == EntropyStatus.Ok ? violation : Status;

    /// <summary>The verdict after the last symbol: all bytes used and the state back where every encoder starts.</summary>
    public readonly EntropyStatus Finish() =>
        Status != EntropyStatus.Ok ? Status
        : _position == _data.Length && _state == RansEncoder.LowerBound ? EntropyStatus.Ok
        : EntropyStatus.InvalidEnd;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static EntropyStatus TakeValue(in FrequencyTable table, FrequencyTables tables, ReadOnlySpan<byte> data, ref int position, ref uint state, out int value)
    {
        uint slot = (state & ((1u << FrequencyTables.PrecisionBits) - 1)) - table.ZeroStart;
        if (slot < table.ZeroFrequency)
        {
            value = 0;
            state = (table.ZeroFrequency * (state >> FrequencyTables.PrecisionBits)) + slot;
            return state >= RansEncoder.LowerBound ? EntropyStatus.Ok : Refill(data, ref position, ref state);
        }

        return TakeOther(table, tables.Codes, data, ref position, ref state, out value);
    }

    private static EntropyStatus TakeOther(in FrequencyTable table, ReadOnlySpan<SymbolCode> codes, ReadOnlySpan<byte> data, ref int position, ref uint state, out int value)
    {
        value = 0;
        uint slot = state & ((1u << FrequencyTables.PrecisionBits) - 1);
        if (slot >= table.Total)
        {
            return EntropyStatus.InvalidSymbol;
        }

        ReadOnlySpan<SymbolCode> own = codes.Slice(table.First, table.Sentinel + 1);
        int symbol = table.Sentinel;
        while (own[symbol].Start > slot)
        {
            symbol--;
        }

        state = (own[symbol].Frequency * (state >> FrequencyTables.PrecisionBits)) + slot - own[symbol].Start;
        EntropyStatus status = Refill(data, ref position, ref state);
        if (symbol < table.Sentinel)
        {
            value = symbol - table.Offset;
            return status;
        }

        return status == EntropyStatus.Ok ? TakeEscape(table, data, ref position, ref state, out value) : status;
    }

    private static EntropyStatus TakeEscape(in FrequencyTable table, ReadOnlySpan<byte> data, ref int position, ref uint state, out int value)
    {
        value = 0;
        int count = 0;
        uint digit;
        EntropyStatus status;
        do
        {
            status = TakeDigit(data, ref position, ref state, out digit);
            count += (int)digit;
            if (status != EntropyStatus.Ok || count > Escape.MaxDigits)
            {
                return status != EntropyStatus.Ok ? status : EntropyStatus.InvalidEscape;
            }
        }
        while (digit == Escape.LargestDigit);

        uint code = 0;
        for (int i = 0; i < count; i++)
        {
            status = TakeDigit(data, ref position, ref state, out digit);
            if (status != EntropyStatus.Ok)
            {
                return status;
            }

            code |= digit << (i * Escape.DigitBits);
        }

        long found = Escape.SymbolOf(code, table.Sentinel) - table.Offset;
        if ((count > 0 && digit == 0) || found != (int)found)
        {
            return EntropyStatus.InvalidEscape;
        }

        value = (int)found;
        return EntropyStatus.Ok;
    }

    private static EntropyStatus TakeDigit(ReadOnlySpan<byte> data, ref int position, ref uint state, out uint digit)
    {
        digit = state & Escape.LargestDigit;
        state >>= Escape.DigitBits;
        return Refill(data, ref position, ref state);
    }

    private static EntropyStatus Refill(ReadOnlySpan<byte> data, ref int position, ref uint state)
    {
        while (state < RansEncoder.LowerBound)
        {
            if (position >= data.Length)
            {
                return EntropyStatus.Truncated;
            }

            state = (state << 8) | data[position++];
        }

        return EntropyStatus.Ok;
    }
}
