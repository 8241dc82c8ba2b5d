using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// A row of 16 luma samples at a quarter-sample position: a sample of <see cref="HalfSamples"/>, or the mean of the two or four around the position, halves up
/// (docs/bitstream.md §10).
/// </summary>
internal readonly ref struct QuarterSamples
{
    private readonly ref byte _a;
    private readonly ref byte _b;
    private readonly ref byte _c;
    private readonly ref byte _d;
    private readonly int _stride;
    private readonly int _count;

    /// <param name="luma">Of the previous picture.</param>
    /// <param name="row">Top row of the block in the picture.</param>
    /// <param name="column">Left column of the block.</param>
    /// <param name="vector">Within reach.</param>
    public QuarterSamples(HalfSamples luma, int row, int column, MotionVector vector)
    {
        if (!vector.IsWithinReach)
        {
            throw new ArgumentOutOfRangeException(nameof(vector), vector, $"Vectors reach {MotionVector.Limit} quarter samples."); // the margin ends there
        }

        // In half samples: the corner at or before the position, and whether the position lies behind it.
        int down = (2 * row) + (vector.Rows >> 1);
        int right = (2 * column) + (vector.Columns >> 1);
        bool belowToo = (vector.Rows & 1) != 0;
        bool rightToo = (vector.Columns & 1) != 0;
        _stride = luma.Stride;
        _count = (belowToo ? 2 : 1) * (rightToo ? 2 : 1);
        _a = ref At(luma, down, right);
        _b = ref At(luma, belowToo ? down + 1 : down, belowToo ? right : right + (rightToo ? 1 : 0));
        _c = ref _count < 4 ? ref _b : ref At(luma, down, right + 1);
        _d = ref _count < 4 ? ref _b : ref At(luma, down + 1, right + 1);
    }

    /// <summary>Row 0 .. 15 of the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<byte> Row(int row)
    {
        nuint at = (nuint)(row * _stride);
        Vector128<byte> a = Vector128.LoadUnsafe(ref _a, at);
        if (_count == 1)
        {
            return a;
        }

        Vector128<byte> b = Vector128.LoadUnsafe(ref _b, at);
        if (_count == 2)
        {
            return Sse2.IsSupported ? Sse2.Average(a, b) : (a | b) - (((a ^ b) >>> 1) & Vector128.Create((byte)0x7F)); // (a + b + 1) / 2 without a ninth bit
        }

        Vector128<byte> c = Vector128.LoadUnsafe(ref _c, at);
        Vector128<byte> d = Vector128.LoadUnsafe(ref _d, at);
        if (Avx2.IsSupported)
        {
            Vector256<short> sum = Avx2.ConvertToVector256Int16(a) + Avx2.ConvertToVector256Int16(b) + Avx2.ConvertToVector256Int16(c) + Avx2.ConvertToVector256Int16(d) + Vector256.Create((short)2);
            sum >>>= 2;
            return Sse2.PackUnsignedSaturate(sum.GetLower(), sum.GetUpper());
        }

        Vector128<ushort> two = Vector128.Create((ushort)2);
        return Vector128.Narrow(
            (Vector128.WidenLower(a) + Vector128.WidenLower(b) + Vector128.WidenLower(c) + Vector128.WidenLower(d) + two) >>> 2,
            (Vector128.WidenUpper(a) + Vector128.WidenUpper(b) + Vector128.WidenUpper(c) + Vector128.WidenUpper(d) + two) >>> 2);
    }

    private static ref byte At(HalfSamples luma, int down, int right)
    {
        ReadOnlySpan<byte> plane = luma.Plane((down & 1) != 0, (right & 1) != 0);
        int index = luma.IndexOf(down >> 1, right >> 1);
        return ref MemoryMarshal.GetReference(plane.Slice(index, (15 * luma.Stride) + 16));
    }
}
