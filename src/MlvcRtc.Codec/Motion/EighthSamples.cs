using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MlvcRtc.Codec.Motion;

/// <summary>A row of 8 chroma samples at an eighth-sample position: the bilinear mean of H.264 (§8.4.2.2.2). Quarter samples of luma are eighths of chroma.</summary>
internal readonly ref struct EighthSamples
{
    private readonly ReadOnlySpan<byte> _samples;
    private readonly int _stride;
    private readonly int _down;
    private readonly int _right;

    /// <param name="plane">Of the previous picture.</param>
    /// <param name="row">Top row of the block in the plane.</param>
    /// <param name="column">Left column of the block.</param>
    /// <param name="vector">Within reach.</param>
    public EighthSamples(PaddedPlane plane, int row, int column, MotionVector vector)
    {
        _samples = plane.Samples[plane.IndexOf(row + (vector.Rows >> 3), column + (vector.Columns >> 3))..];
        _stride = plane.Stride;
        (_down, _right) = (vector.Rows & 7, vector.Columns & 7);
    }

    /// <summary>Row 0 .. 7 of the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<short> Row(int row)
    {
        int at = row * _stride;
        Vector128<ushort> upper = ((ushort)(8 - _right) * Eight(at)) + ((ushort)_right * Eight(at + 1));
        Vector128<ushort> lower = ((ushort)(8 - _right) * Eight(at + _stride)) + ((ushort)_right * Eight(at + _stride + 1));
        return ((((ushort)(8 - _down) * upper) + ((ushort)_down * lower) + Vector128.Create((ushort)32)) >>> 6).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<ushort> Eight(int at) => Vector128.WidenLower(Vector128.Create(_samples.Slice(at, 16)));
}
