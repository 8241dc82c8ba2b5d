using System.Numerics;

namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// Values outside a table: a sentinel, then the number of digits, then the digits of an unsigned code, least significant first.
/// The code interleaves both sides of the table: b = 2·(−s) − 1 below it, 2·(s − sentinel) above it.
/// </summary>
internal static class Escape
{
    /// <summary>Bits of a digit.</summary>
    public const int DigitBits = 2;

    /// <summary>Largest digit; in the digit count it means "and more".</summary>
    public const uint LargestDigit = (1 << DigitBits) - 1;

    /// <summary>32 bits of code. libmlvc stops at 32 digits, whose shifts are undefined there.</summary>
    public const int MaxDigits = 16;

    /// <param name="symbol">value + offset, outside 0..sentinel − 1; at least −2^31, below 2^31 + sentinel.</param>
    /// <param name="sentinel">The table's last symbol.</param>
    public static uint CodeOf(long symbol, int sentinel) =>
        (uint)(symbol < 0 ? (-symbol << 1) - 1 : (symbol - sentinel) << 1);

    /// <summary>The inverse of <see cref="CodeOf"/>.</summary>
    public static long SymbolOf(uint code, int sentinel) =>
        (code & 1) != 0 ? -(long)(code >> 1) - 1 : (code >> 1) + (long)sentinel;

    /// <summary>Digits of <paramref name="code"/> without leading zeros; 0 has none.</summary>
    public static int DigitCount(uint code) => (32 - BitOperations.LeadingZeroCount(code) + DigitBits - 1) / DigitBits;
}
