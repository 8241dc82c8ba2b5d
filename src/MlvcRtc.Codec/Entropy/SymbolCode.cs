using System.Numerics;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// What coding one symbol needs, with the division by its frequency f turned into a multiplication: with s = ceil(log2 f) and
/// m = ceil(2^(31+s) / f), floor(x·m / 2^(31+s)) = floor(x / f) for every x &lt; 2^31, because m·f exceeds 2^(31+s) by less than f ≤ 2^s
/// (Granlund and Montgomery 1994, theorem 4.2). m fits 32 bits for every f from 1 to 65535.
/// </summary>
internal readonly struct SymbolCode
{
    /// <summary>m above.</summary>
    public readonly uint Reciprocal;

    /// <summary>A state from here on must shed a byte before this symbol: f·2^15.</summary>
    public readonly uint Limit;

    /// <summary>First slot of the symbol.</summary>
    public readonly ushort Start;

    /// <summary>2^16 − f: (q·2^16 + start + x − q·f) is x + start + q·complement.</summary>
    public readonly ushort Complement;

    /// <summary>31 + s above.</summary>
    public readonly byte Shift;

    /// <param name="start">0..65535.</param>
    /// <param name="frequency">1..65535: a table has at least two entries.</param>
    public SymbolCode(int start, int frequency)
    {
        int log = frequency == 1 ? 0 : BitOperations.Log2((uint)frequency - 1) + 1;
        ulong power = 1UL << (31 + log);
        Reciprocal = (uint)((power + (uint)frequency - 1) / (uint)frequency);
        Limit = (uint)frequency << (31 - FrequencyTables.PrecisionBits);
        Start = (ushort)start;
        Complement = (ushort)((1 << FrequencyTables.PrecisionBits) - frequency);
        Shift = (byte)(31 + log);
    }

    /// <summary>Slots of the symbol.</summary>
    public uint Frequency => (1u << FrequencyTables.PrecisionBits) - Complement;
}
