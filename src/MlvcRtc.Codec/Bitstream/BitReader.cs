namespace MlvcRtc.Codec.Bitstream;

/// <summary>
/// Reads most significant bit first. Past the end, or on an impossible code, it goes quiet: every further read gives 0 and
/// <see cref="Failed"/> stays set, so callers check once.
/// </summary>
public ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private long _position; // in bits

    public BitReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>A read went past the end or met an impossible code.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bits not yet read; 0 after a failure.</summary>
    public readonly long RemainingBits => Failed ? 0 : ((long)_bytes.Length * 8) - _position;

    /// <summary>f(1).</summary>
    public bool ReadFlag() => ReadBits(1) != 0;

    /// <summary>u(n), 0..32 bits.</summary>
    public uint ReadBits(int count)
    {
        if (count > RemainingBits)
        {
            Failed = true;
            return 0;
        }

        ulong value = 0;
        int taken = 0;
        while (taken < count)
        {
            int offset = (int)(_position & 7);
            int step = int.Min(8 - offset, count - taken);
            int bits = (_bytes[(int)(_position >> 3)] >> (8 - offset - step)) & ((1 << step) - 1);
            value = (value << step) | (uint)bits;
            taken += step;
            _position += step;
        }

        return (uint)value;
    }

    /// <summary>ue(v): order-0 Exp-Golomb, 0 .. 2^32 - 2. 32 or more leading zeros are a failure.</summary>
    public uint ReadUe()
    {
        int zeros = 0;
        while (ReadBits(1) == 0)
        {
            if (Failed || ++zeros == 32)
            {
                Failed = true;
                return 0;
            }
        }

        return (uint)((1UL << zeros) - 1 + ReadBits(zeros));
    }

    /// <summary>se(v): code numbers 0, 1, 2, 3, 4 mean 0, 1, -1, 2, -2.</summary>
    public int ReadSe()
    {
        uint code = ReadUe();
        long magnitude = ((long)code + 1) >> 1;
        return (int)((code & 1) != 0 ? magnitude : -magnitude);
    }

    /// <summary>Skips to the next byte boundary; false if a skipped bit is 1 or a read failed.</summary>
    public bool SkipZeroPadding() => ReadBits((int)(-_position & 7)) == 0 && !Failed;

    /// <summary>True if exactly a 1 and zeros up to the end of the last byte remain: the end of a parameter set.</summary>
    public bool ReadStopBit()
    {
        long remaining = RemainingBits;
        return remaining is > 0 and <= 8 && ReadBits((int)remaining) == 1u << ((int)remaining - 1);
    }

    /// <summary>From a byte boundary: the bytes not yet read.</summary>
    public readonly ReadOnlySpan<byte> RemainingBytes => Failed ? [] : _bytes[(int)((_position + 7) >> 3)..];
}
