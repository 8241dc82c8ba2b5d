using System.Runtime.CompilerServices;

namespace MlvcRtc.Media.Pixels;

/// <summary>
/// Eight rows of eight bytes, row r in the r-th number, column c in its bits 8c..8c+7 (the order of a little-endian load).
/// One primitive serves picture transposition and the gathering of every eighth pixel.
/// </summary>
public static class ByteBlock8x8
{
    /// <summary>Mirrors the block along its main diagonal: afterwards number c holds column c. Three rounds exchange quarters, pairs and single bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(
        ref ulong row0, ref ulong row1, ref ulong row2, ref ulong row3, ref ulong row4, ref ulong row5, ref ulong row6, ref ulong row7)
    {
        Exchange(ref row0, ref row4, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref row1, ref row5, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref row2, ref row6, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref row3, ref row7, 32, 0x0000_0000_FFFF_FFFF);
        Exchange(ref row0, ref row2, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref row1, ref row3, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref row4, ref row6, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref row5, ref row7, 16, 0x0000_FFFF_0000_FFFF);
        Exchange(ref row0, ref row1, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref row2, ref row3, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref row4, ref row5, 8, 0x00FF_00FF_00FF_00FF);
        Exchange(ref row6, ref row7, 8, 0x00FF_00FF_00FF_00FF);
    }

    /// <summary>Exchanges the high parts of <paramref name="upper"/> with the low parts of <paramref name="lower"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange(ref ulong upper, ref ulong lower, int bits, ulong lowParts)
    {
        ulong difference = ((upper >> bits) ^ lower) & lowParts;
        upper ^= difference << bits;
        lower ^= difference;
    }
}
