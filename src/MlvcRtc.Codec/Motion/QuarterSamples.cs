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
        return _count switch
        {
            1 => One.Of(in _a, in _b, in _c, in _d, at),
            2 => MeanOfTwo.Of(in _a, in _b, in _c, in _d, at),
            _ => MeanOfFour.Of(in _a, in _b, in _c, in _d, at),
        };
    }

    /// <summary>Sum of absolute differences to a block; stops once beyond <paramref name="enough"/>, with a sum beyond it.</summary>
    public int DifferenceTo(ReadOnlySpan<byte> block, int stride, int enough) => _count switch
    {
        1 => DifferenceTo<One>(block, stride, enough),
        2 => DifferenceTo<MeanOfTwo>(block, stride, enough),
        _ => DifferenceTo<MeanOfFour>(block, stride, enough),
    };

    /// <summary>Sum of squared differences to a block.</summary>
    public int SquaresTo(ReadOnlySpan<byte> block, int stride)
    {
        ref byte first = ref MemoryMarshal.GetReference(block[..((15 * stride) + 16)]);
        Vector128<int> sums = Vector128<int>.Zero;
        for (int row = 0; row < MotionField.BlockSize; row++)
        {
            Vector128<byte> wanted = Vector128.LoadUnsafe(ref first, (nuint)(row * stride));
            Vector128<byte> found = Row(row);
            Vector128<byte> apart = Vector128.Max(wanted, found) - Vector128.Min(wanted, found);
            sums += Squares(Vector128.WidenLower(apart)) + Squares(Vector128.WidenUpper(apart));
        }

        return Vector128.Sum(sums);
    }

    /// <summary>Squares of 0 .. 255, in four sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Squares(Vector128<ushort> values)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(values.AsInt16(), values.AsInt16());
        }

        Vector128<ushort> squares = values * values;
        return (Vector128.WidenLower(squares) + Vector128.WidenUpper(squares)).AsInt32();
    }

    private int DifferenceTo<TSamples>(ReadOnlySpan<byte> block, int stride, int enough)
        where TSamples : struct, ISamples
    {
        ref byte first = ref MemoryMarshal.GetReference(block[..((15 * stride) + 16)]);
        ref byte a = ref _a;
        ref byte b = ref _b;
        ref byte c = ref _c;
        ref byte d = ref _d;
        (nuint here, nuint there) = (0, 0);
        (nuint step, nuint candidateStep) = ((nuint)stride, (nuint)_stride);
        int sum = 0;
        for (int row = 0; row < MotionField.BlockSize && sum <= enough; row += 4)
        {
            Vector128<ushort> four = BlockDifference.Sums(Vector128.LoadUnsafe(ref first, here), TSamples.Of(in a, in b, in c, in d, there));
            four += BlockDifference.Sums(Vector128.LoadUnsafe(ref first, here + step), TSamples.Of(in a, in b, in c, in d, there + candidateStep));
            four += BlockDifference.Sums(Vector128.LoadUnsafe(ref first, here + (2 * step)), TSamples.Of(in a, in b, in c, in d, there + (2 * candidateStep)));
            four += BlockDifference.Sums(Vector128.LoadUnsafe(ref first, here + (3 * step)), TSamples.Of(in a, in b, in c, in d, there + (3 * candidateStep)));
            sum += BlockDifference.Total(four);
            (here, there) = (here + (4 * step), there + (4 * candidateStep));
        }

        return sum;
    }

    /// <summary>How 16 samples at a position come of those around it.</summary>
    private interface ISamples
    {
        static abstract Vector128<byte> Of(in byte a, in byte b, in byte c, in byte d, nuint at);
    }

    private readonly struct One : ISamples
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Of(in byte a, in byte b, in byte c, in byte d, nuint at) => Vector128.LoadUnsafe(in a, at);
    }

    private readonly struct MeanOfTwo : ISamples
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Of(in byte a, in byte b, in byte c, in byte d, nuint at)
        {
            Vector128<byte> one = Vector128.LoadUnsafe(in a, at);
            Vector128<byte> other = Vector128.LoadUnsafe(in b, at);
            return Sse2.IsSupported ? Sse2.Average(one, other) : (one | other) - (((one ^ other) >>> 1) & Vector128.Create((byte)0x7F)); // (a + b + 1) / 2 without a ninth bit
        }
    }

    private readonly struct MeanOfFour : ISamples
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Of(in byte a, in byte b, in byte c, in byte d, nuint at)
        {
            Vector128<byte> w = Vector128.LoadUnsafe(in a, at);
            Vector128<byte> x = Vector128.LoadUnsafe(in b, at);
            Vector128<byte> y = Vector128.LoadUnsafe(in c, at);
            Vector128<byte> z = Vector128.LoadUnsafe(in d, at);
            if (Avx2.IsSupported)
            {
                Vector256<short> sum = Avx2.ConvertToVector256Int16(w) + Avx2.ConvertToVector256Int16(x) + Avx2.ConvertToVector256Int16(y) + Avx2.ConvertToVector256Int16(z) + Vector256.Create((short)2);
                sum >>>= 2;
                return Sse2.PackUnsignedSaturate(sum.GetLower(), sum.GetUpper());
            }

            Vector128<ushort> two = Vector128.Create((ushort)2);
            return Vector128.Narrow(
                (Vector128.WidenLower(w) + Vector128.WidenLower(x) + Vector128.WidenLower(y) + Vector128.WidenLower(z) + two) >>> 2,
                (Vector128.WidenUpper(w) + Vector128.WidenUpper(x) + Vector128.WidenUpper(y) + Vector128.WidenUpper(z) + two) >>> 2);
        }
    }

    private static ref byte At(HalfSamples luma, int down, int right)
    {
        ReadOnlySpan<byte> plane = luma.Plane((down & 1) != 0, (right & 1) != 0);
        int index = luma.IndexOf(down >> 1, right >> 1);
        return ref MemoryMarshal.GetReference(plane.Slice(index, (15 * luma.Stride) + 16));
    }
}
