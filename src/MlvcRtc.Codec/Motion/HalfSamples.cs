using System.Numerics;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Luma of a picture at every half sample: four planes of one layout. Between samples stands the 6-tap filter of H.264 (§8.4.2.2.1), rounded and clipped: first
/// along the row, then along the column of what that gave. Exact up to 33 samples beyond the picture, 34 at its right and bottom.
/// </summary>
internal sealed class HalfSamples
{
    /// <summary>A vector's reach, one sample more for quarter samples, and the filter's 2 before and 3 behind; 40 keeps rows aligned.</summary>
    private const int Margin = 40;

    private readonly PaddedPlane _whole;
    private readonly byte[][] _planes;
    private bool _filtered;

    public HalfSamples(int width, int height)
    {
        _whole = new PaddedPlane(width, height, Margin);
        int length = _whole.Samples.Length;
        _planes = [[], new byte[length], new byte[length], new byte[length]];
    }

    /// <summary>Samples from one row to the next, in all four planes.</summary>
    public int Stride => _whole.Stride;

    /// <inheritdoc cref="PaddedPlane.IndexOf"/>
    public int IndexOf(int row, int column) => _whole.IndexOf(row, column);

    /// <summary>Takes over a picture's luma. What lies between samples is computed when it is first asked for.</summary>
    public void Fill(ReadOnlySpan<byte> luma)
    {
        _whole.Fill(luma);
        _filtered = false;
    }

    /// <summary>The samples themselves, with their margins.</summary>
    public ReadOnlySpan<byte> Whole => _whole.Samples;

    /// <summary>The plane of the positions half a sample down, right, or both.</summary>
    public ReadOnlySpan<byte> Plane(bool down, bool right)
    {
        if (!down && !right)
        {
            return _whole.Samples;
        }

        if (!_filtered)
        {
            Filter(_whole.Samples, _planes[1], 1);
            Filter(_whole.Samples, _planes[2], Stride);
            Filter(_planes[1], _planes[3], Stride);
            _filtered = true;
        }

        return _planes[(down ? 2 : 0) + (right ? 1 : 0)];
    }

    /// <summary>What lies half a step behind every sample. Rows are filtered across their margins; what comes of that at their ends is never read.</summary>
    private static void Filter(ReadOnlySpan<byte> from, Span<byte> to, int step)
    {
        int lanes = Vector<byte>.Count;
        int end = from.Length - lanes - (3 * step);
        for (int k = 2 * step; k < end; k += lanes)
        {
            Vector.Widen(new Vector<byte>(from[(k - (2 * step))..]), out Vector<ushort> a0, out Vector<ushort> a1);
            Vector.Widen(new Vector<byte>(from[(k - step)..]), out Vector<ushort> b0, out Vector<ushort> b1);
            Vector.Widen(new Vector<byte>(from[k..]), out Vector<ushort> c0, out Vector<ushort> c1);
            Vector.Widen(new Vector<byte>(from[(k + step)..]), out Vector<ushort> d0, out Vector<ushort> d1);
            Vector.Widen(new Vector<byte>(from[(k + (2 * step))..]), out Vector<ushort> e0, out Vector<ushort> e1);
            Vector.Widen(new Vector<byte>(from[(k + (3 * step))..]), out Vector<ushort> f0, out Vector<ushort> f1);
            Vector.Narrow(Tap(a0, b0, c0, d0, e0, f0), Tap(a1, b1, c1, d1, e1, f1)).CopyTo(to[k..]);
        }
    }

    /// <summary>(a − 5b + 20c + 20d − 5e + f + 16) / 32, clipped to a byte: between −2,534 and 10,726 before the division.</summary>
    private static Vector<ushort> Tap(Vector<ushort> a, Vector<ushort> b, Vector<ushort> c, Vector<ushort> d, Vector<ushort> e, Vector<ushort> f)
    {
        Vector<short> sum = Vector.AsVectorInt16(a + f + (20 * (c + d)) - (5 * (b + e)) + new Vector<ushort>(16));
        return Vector.AsVectorUInt16(Vector.Min(Vector.Max(Vector.ShiftRightArithmetic(sum, 5), Vector<short>.Zero), new Vector<short>(byte.MaxValue)));
    }
}
