using System.Runtime.Intrinsics;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>Full search over all even full-sample vectors, at half the resolution in both directions. Built when a picture first needs it.</summary>
internal sealed class HalfResolution
{
    private const int Reach = MotionVector.Reach / 2;
    private const int Block = MotionField.BlockSize / 2;

    /// <summary>Samples of full resolution per sample here, and quarter samples per full one.</summary>
    private const int QuartersPerSample = 2 * 4;

    private readonly PaddedPlane _previous;
    private readonly byte[] _plane;
    private readonly byte[] _picture;
    private readonly int _width;
    private readonly int _height;
    private bool _built;

    public HalfResolution(int width, int height)
    {
        (_width, _height) = (width / 2, height / 2);
        _previous = new PaddedPlane(_width, _height, Reach);
        _plane = new byte[_width * _height];
        _picture = new byte[_width * _height];
    }

    /// <summary>Another picture follows.</summary>
    public void Forget() => _built = false;

    /// <summary>The best vector of a block here, its cost counted as at full resolution, difference times four plus price.</summary>
    public MotionVector Find(VideoFrame picture, HalfSamples previous, int row, int column, MotionVector expected, MotionPrice price)
    {
        if (!_built)
        {
            Reduce(picture.Y, picture.Width, _picture);
            Reduce(previous.Whole[previous.IndexOf(0, 0)..], previous.Stride, _plane);
            _previous.Fill(_plane);
            _built = true;
        }

        ReadOnlySpan<byte> block = _picture.AsSpan((row * Block * _width) + (column * Block));
        Span<int> columnBits = stackalloc int[(2 * Reach) + 1];
        for (int right = -Reach; right <= Reach; right++)
        {
            columnBits[right + Reach] = MotionPrice.HalfBits((right * QuartersPerSample) - expected.Columns);
        }

        (int bestDown, int bestRight, int cost) = (0, 0, int.MaxValue);
        for (int down = -Reach; down <= Reach; down++)
        {
            ReadOnlySpan<byte> samples = _previous.Samples[_previous.IndexOf((row * Block) + down, (column * Block) - Reach)..];
            int rowBits = MotionPrice.HalfBits((down * QuartersPerSample) - expected.Rows);
            Vector128<ushort> eight = BlockDifference.OfEight(block, _width, samples, _previous.Stride);
            for (int place = 0; place < columnBits.Length; place++)
            {
                int difference = place < Vector128<ushort>.Count ? eight.GetElement(place) : BlockDifference.Of(block, _width, samples[place..], _previous.Stride);
                int here = (4 * difference) + price.Of(rowBits + columnBits[place]);
                (bestDown, bestRight, cost) = here < cost ? (down, place - Reach, here) : (bestDown, bestRight, cost);
            }
        }

        return new((short)(bestDown * QuartersPerSample), (short)(bestRight * QuartersPerSample));
    }

    /// <summary>Means of 2x2 samples, halves up.</summary>
    private void Reduce(ReadOnlySpan<byte> from, int stride, Span<byte> to)
    {
        for (int row = 0; row < _height; row++)
        {
            ReadOnlySpan<byte> upper = from.Slice(2 * row * stride, 2 * _width);
            ReadOnlySpan<byte> lower = from.Slice(((2 * row) + 1) * stride, 2 * _width);
            Span<byte> line = to.Slice(row * _width, _width);
            int column = 0;
            for (; column + 8 <= _width; column += 8)
            {
                Vector128<ushort> sums = Pairs(upper[(2 * column)..]) + Pairs(lower[(2 * column)..]) + Vector128.Create((ushort)2);
                Vector128.Narrow(sums >>> 2, Vector128<ushort>.Zero).GetLower().CopyTo(line[column..]);
            }

            for (; column < _width; column++)
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
