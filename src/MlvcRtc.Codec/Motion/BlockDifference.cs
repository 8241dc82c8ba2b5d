using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlvcRtc.Codec.Motion;

/// <summary>Sums of absolute differences: how far a block is from what it would be predicted from.</summary>
internal static class BlockDifference
{
    /// <summary>An 8x8 block against those at eight places side by side, in order.</summary>
    /// <param name="other">From the first place on; 16 bytes of each row are read.</param>
    public static Vector128<ushort> OfEight(ReadOnlySpan<byte> block, int stride, ReadOnlySpan<byte> other, int otherStride)
    {
        if (!Sse41.IsSupported)
        {
            Vector128<ushort> sums = Vector128<ushort>.Zero;
            for (int place = 0; place < 8; place++)
            {
                sums = sums.WithElement(place, (ushort)Of(block, stride, other[place..], otherStride));
            }

            return sums;
        }

        ref byte first = ref MemoryMarshal.GetReference(block[..((7 * stride) + 8)]);
        ref byte second = ref MemoryMarshal.GetReference(other[..((7 * otherStride) + 16)]);
        Vector128<ushort> left = Vector128<ushort>.Zero;
        Vector128<ushort> right = Vector128<ushort>.Zero;
        for (int row = 0; row < 8; row++)
        {
            Vector128<byte> eight = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, row * stride))).AsByte();
            Vector128<byte> line = Vector128.LoadUnsafe(ref second, (nuint)(row * otherStride));
            left += Sse41.MultipleSumAbsoluteDifferences(line, eight, 0b000);   // bytes 0..3 of the block
            right += Sse41.MultipleSumAbsoluteDifferences(line, eight, 0b101);  // bytes 4..7
        }

        return left + right;
    }

    /// <summary>An 8x8 block against another.</summary>
    public static int Of(ReadOnlySpan<byte> block, int stride, ReadOnlySpan<byte> other, int otherStride)
    {
        ref byte first = ref MemoryMarshal.GetReference(block[..((7 * stride) + 8)]);
        ref byte second = ref MemoryMarshal.GetReference(other[..((7 * otherStride) + 8)]);
        Vector128<ushort> sums = Vector128<ushort>.Zero;
        for (int row = 0; row < 8; row += 2)
        {
            sums += Sums(TwoRows(ref first, row, stride), TwoRows(ref second, row, otherStride));
        }

        return Total(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> TwoRows(ref byte first, int row, int stride) => Vector128.Create(
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, row * stride)), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, (row + 1) * stride))).AsByte();

    /// <summary>Of partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Total(Vector128<ushort> sums) =>
        Sse2.IsSupported ? (int)(sums.AsUInt64().GetElement(0) + sums.AsUInt64().GetElement(1)) : Vector128.Sum(sums); // with SSE2 all is in lanes 0 and 4

    /// <summary>Partial sums of |a − b|, at most 8·255 in a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Sums(Vector128<byte> a, Vector128<byte> b)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.SumAbsoluteDifferences(a, b);
        }

        Vector128<byte> difference = Vector128.Max(a, b) - Vector128.Min(a, b);
        return Vector128.WidenLower(difference) + Vector128.WidenUpper(difference);
    }
}
