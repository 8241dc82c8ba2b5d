using System.Numerics;

namespace MlvcRtc.Codec.Bitstream;

/// <summary>Writes most significant bit first into a buffer of the caller, which must be large enough.</summary>
public ref struct BitWriter
{
    private readonly Span<byte> _bytes;
    private int _position; // in bits

    /// <param name="bytes">Overwritten from the start.</param>
    public BitWriter(Span<byte> bytes)
    {
        _bytes = bytes;
        _bytes.Clear();
    }

    /// <summary>Bytes begun so far.</summary>
    public readonly int Length => (_position + 7) >> 3;

    /// <summary>What was written, the last byte padded with zeros.</summary>
    public readonly ReadOnlySpan<byte> Written => _bytes[..Length];

    /// <summary>f(1).</summary>
    public void WriteFlag(bool value) => WriteBits(value ? 1u : 0u, 1);

    /// <summary>u(n), 0..32 bits; higher bits of <paramref name="value"/> are ignored.</summary>
    public void WriteBits(uint value, int count)
    {
        for (int bit = count - 1; bit >= 0; bit--)
        {
            _bytes[_position >> 3] |= (byte)(((value >> bit) & 1) << (7 - (_position & 7)));
            _position++;
        }
    }

    /// <summary>ue(v): order-0 Exp-Golomb, 0 .. 2^32 - 2.</summary>
    public void WriteUe(uint value)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(value, uint.MaxValue);
        int zeros = BitOperations.Log2(value + 1);
        WriteBits(0, zeros);
        WriteBits(value + 1, zeros + 1);
    }

    /// <summary>se(v): 0, 1, -1, 2, -2 get the code numbers 0, 1, 2, 3, 4.</summary>
    public void WriteSe(int value) => WriteUe((uint)(value > 0 ? (2L * value) - 1 : -2L * value));

    /// <summary>Zeros up to the byte boundary.</summary>
    public void AlignWithZeros() => _position = (_position + 7) & ~7;

    /// <summary>A 1, then zeros up to the byte boundary: the end of a parameter set.</summary>
    public void WriteStopBit()
    {
        WriteBits(1, 1);
        AlignWithZeros();
    }
}
