namespace MlvcRtc.Codec.Entropy;

/// <summary>
/// Turns the integers z into the table index of every symbol of y: the magnitude of z, spread over the channels and positions that
/// share it. With A the scale of channel c and B that of channel c + half, half 0 holds A where row + column is even and B elsewhere;
/// half 1 the other way round. Only two kinds of row exist per group, so these are kept instead of the maps. One thread.
/// </summary>
public sealed class ScaleDecoder
{
    private readonly LatentShape _shape;
    private readonly int _last;

    // [scale channel, z row, first column is A or B, y column]
    private readonly short[] _rows;

    /// <param name="shape">Sizes of y and z.</param>
    /// <param name="tableCount">Gaussian tables; larger magnitudes use the last one.</param>
    public ScaleDecoder(LatentShape shape, int tableCount)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(tableCount, 1);
        shape.Check();
        _shape = shape;
        _last = int.Min(tableCount, short.MaxValue) - 1;
        _rows = new short[shape.ScaleChannels * shape.ZHeight * 2 * shape.YWidth];
    }

    /// <summary>Reads the scales of a frame.</summary>
    /// <param name="z">[ZChannels, ZHeight, ZWidth].</param>
    public void Decode(ReadOnlySpan<int> z)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(z.Length, _shape.ZCount);
        int channelSize = _shape.ZHeight * _shape.ZWidth;
        int half = _shape.ScaleChannels * channelSize;
        int width = _shape.YWidth;
        for (int row = 0; row < _shape.ScaleChannels * _shape.ZHeight; row++)
        {
            ReadOnlySpan<int> a = z.Slice(row * _shape.ZWidth, _shape.ZWidth);
            ReadOnlySpan<int> b = z.Slice(half + (row * _shape.ZWidth), _shape.ZWidth);
            Span<short> fromA = _rows.AsSpan(row * 2 * width, width);
            Span<short> fromB = _rows.AsSpan(((row * 2) + 1) * width, width);
            for (int zx = 0; zx < a.Length; zx++)
            {
                short indexA = IndexOf(a[zx]);
                short indexB = IndexOf(b[zx]);
                int end = int.Min((zx + 1) * _shape.HyperDownsample, width);
                for (int x = zx * _shape.HyperDownsample; x < end; x++)
                {
                    bool even = (x & 1) == 0;
                    fromA[x] = even ? indexA : indexB;
                    fromB[x] = even ? indexB : indexA;
                }
            }
        }
    }

    /// <summary>Table index per column of one row of y. Valid until the next <see cref="Decode"/>.</summary>
    /// <param name="half">0 or 1: which half of y.</param>
    /// <param name="channel">Channel within the half.</param>
    /// <param name="row">Row of y.</param>
    public ReadOnlySpan<short> Row(int half, int channel, int row)
    {
        int group = (channel / _shape.ScaleRepeat * _shape.ZHeight) + (row / _shape.HyperDownsample);
        return _rows.AsSpan(((group * 2) + ((row + half) & 1)) * _shape.YWidth, _shape.YWidth);
    }

    // |int.MinValue| stays negative, which as unsigned is beyond every table.
    private short IndexOf(int z) => (short)uint.Min((uint)(z < 0 ? unchecked(-z) : z), (uint)_last);
}
