using System.Runtime.Intrinsics;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Full search at a lower resolution, over windows of 8x8 samples there: the block itself at half, the block and as much around it at a quarter of the width and height.
/// No allocation per picture. One thread at a time.
/// </summary>
internal sealed class CoarseSearch
{
    private const int Window = 8;

    private readonly PaddedPlane _picture;
    private readonly PaddedPlane _previous;
    private readonly byte[] _reduced;
    private readonly int _block;
    private readonly int _quarters;
    private readonly int _reach;

    /// <param name="width">Of the pictures at full resolution, a multiple of 16.</param>
    /// <param name="height">Of the pictures at full resolution, a multiple of 16.</param>
    /// <param name="factor">Samples of full resolution per sample here: 2 or 4.</param>
    /// <param name="reach">Samples of full resolution that are searched in each direction, a multiple of the factor.</param>
    public CoarseSearch(int width, int height, int factor, int reach)
    {
        _block = MotionField.BlockSize / factor;
        _quarters = 4 * factor;
        _reach = reach / factor;
        _picture = new PaddedPlane(width / factor, height / factor, Around);
        _previous = new PaddedPlane(width / factor, height / factor, _reach + Around);
        _reduced = new byte[_picture.Width * _picture.Height];
    }

    /// <summary>Whether <see cref="Find"/> knows the pictures.</summary>
    public bool IsFilled { get; private set; }

    /// <summary>Samples of a window beside its block, on each side.</summary>
    private int Around => (Window - _block) / 2;

    /// <summary>Other pictures follow.</summary>
    public void Forget() => IsFilled = false;

    /// <summary>Takes over both pictures from full resolution.</summary>
    public void Fill(VideoFrame picture, HalfSamples previous)
    {
        Fill(_picture, picture.Y, picture.Width);
        Fill(_previous, previous.Whole[previous.IndexOf(0, 0)..], previous.Stride);
        IsFilled = true;
    }

    /// <summary>Takes over both pictures from a search at twice this resolution.</summary>
    public void Fill(CoarseSearch finer)
    {
        Fill(_picture, finer._picture.Samples[finer._picture.IndexOf(0, 0)..], finer._picture.Stride);
        Fill(_previous, finer._previous.Samples[finer._previous.IndexOf(0, 0)..], finer._previous.Stride);
        IsFilled = true;
    }

    /// <summary>The best vector of a block here, its cost counted as at full resolution, difference times four plus price.</summary>
    public MotionVector Find(int row, int column, MotionVector expected, MotionPrice price)
    {
        ReadOnlySpan<byte> block = _picture.Samples[_picture.IndexOf((row * _block) - Around, (column * _block) - Around)..];
        Span<int> columnBits = stackalloc int[(2 * _reach) + 1];
        for (int right = -_reach; right <= _reach; right++)
        {
            columnBits[right + _reach] = MotionPrice.HalfBits((right * _quarters) - expected.Columns);
        }

        (int bestDown, int bestRight, int cost) = (0, 0, int.MaxValue);
        for (int down = -_reach; down <= _reach; down++)
        {
            ReadOnlySpan<byte> samples = _previous.Samples[_previous.IndexOf((row * _block) - Around + down, (column * _block) - Around - _reach)..];
            int rowBits = MotionPrice.HalfBits((down * _quarters) - expected.Rows);
            Vector128<ushort> eight = default;
            for (int place = 0; place < columnBits.Length; place++)
            {
                int lane = place % Vector128<ushort>.Count;
                if (lane == 0)
                {
                    eight = BlockDifference.OfEight(block, _picture.Stride, samples[place..], _previous.Stride);
                }

                int here = (4 * eight.GetElement(lane)) + price.Of(rowBits + columnBits[place]);
                (bestDown, bestRight, cost) = here < cost ? (down, place - _reach, here) : (bestDown, bestRight, cost);
            }
        }

        return new((short)(bestDown * _quarters), (short)(bestRight * _quarters));
    }

    private void Fill(PaddedPlane plane, ReadOnlySpan<byte> finer, int stride)
    {
        Reduce(finer, stride, plane.Width, plane.Height, _reduced);
        plane.Fill(_reduced);
    }

    /// <summary>Means of 2x2 samples, halves up.</summary>
    private static void Reduce(ReadOnlySpan<byte> from, int stride, int width, int height, Span<byte> to)
    {
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> upper = from.Slice(2 * row * stride, 2 * width);
            ReadOnlySpan<byte> lower = from.Slice(((2 * row) + 1) * stride, 2 * width);
            Span<byte> line = to.Slice(row * width, width);
            int column = 0;
            for (; column + 8 <= width; column += 8)
            {
                Vector128<ushort> sums = Pairs(upper[(2 * column)..]) + Pairs(lower[(2 * column)..]) + Vector128.Create((ushort)2);
                Vector128.Narrow(sums >>> 2, Vector128<ushort>.Zero).GetLower().CopyTo(line[column..]);
            }

            for (; column < width; column++)
            {
                line[column] = (byte)((upper[2 * column] + upper[(2 * column) + 1] + lower[2 * column] + lower[(2 * column) + 1] + 2) >> 2);
            }
        }
    }

    /// <summary>Sums of neighbouring bytes.</summary>
    private static Vector128<ushort> Pairs(ReadOnlySpan<byte> row)
    {
        Vector128<byte> bytes = Vector128.Create(row[..16]);
        return (bytes.AsUInt16() & Vector128.Create((ushort)0xFF)) + (bytes.AsUInt16() >>> 8);
    }
}
