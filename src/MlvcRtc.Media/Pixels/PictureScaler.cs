using System.Numerics;

namespace MlvcRtc.Media.Pixels;

/// <summary>
/// Scales pictures to any even size: rows are mixed first (wide vectors), then columns. Filters and buffers are kept for the last pair of sizes, so that a
/// stream of equal pictures allocates nothing. One thread at a time.
/// </summary>
public sealed class PictureScaler
{
    /// <summary>Fraction bits of the mixed rows: 8-bit samples become 16-bit ones.</summary>
    private const int RowFractionBits = 8;

    private AxisFilter? _lumaColumns;
    private AxisFilter? _lumaRows;
    private AxisFilter? _chromaColumns;
    private AxisFilter? _chromaRows;
    private uint[] _mixedRow = [];

    /// <summary><paramref name="target"/> becomes <paramref name="width"/> x <paramref name="height"/>; the aspect ratio is the caller's care.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The new size is odd or out of range.</exception>
    public void Scale(VideoFrame source, int width, int height, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (source.Width == width && source.Height == height)
        {
            target.CopyFrom(source);
            return;
        }

        target.Resize(width, height);
        target.CaptureTime = source.CaptureTime;
        _lumaColumns = FilterFor(_lumaColumns, source.Width, width);
        _lumaRows = FilterFor(_lumaRows, source.Height, height);
        _chromaColumns = FilterFor(_chromaColumns, source.Width / 2, width / 2);
        _chromaRows = FilterFor(_chromaRows, source.Height / 2, height / 2);
        if (_mixedRow.Length < source.Width)
        {
            _mixedRow = new uint[source.Width];
        }

        ScalePlane(source.Y, _lumaColumns, _lumaRows, target.Y);
        ScalePlane(source.U, _chromaColumns, _chromaRows, target.U);
        ScalePlane(source.V, _chromaColumns, _chromaRows, target.V);
    }

    private static AxisFilter FilterFor(AxisFilter? kept, int inputLength, int outputLength) =>
        kept is not null && kept.InputLength == inputLength && kept.OutputLength == outputLength
            ? kept
            : new AxisFilter(inputLength, outputLength);

    private void ScalePlane(ReadOnlySpan<byte> source, AxisFilter columns, AxisFilter rows, Span<byte> target)
    {
        int sourceWidth = columns.InputLength;
        int targetWidth = columns.OutputLength;
        Span<uint> mixed = _mixedRow.AsSpan(0, sourceWidth);
        for (int row = 0; row < rows.OutputLength; row++)
        {
            MixRows(source[(rows.StartOf(row) * sourceWidth)..], sourceWidth, rows.WeightsOf(row), mixed);
            MixColumns(mixed, columns, target.Slice(row * targetWidth, targetWidth));
        }
    }

    /// <summary>Weighted sum of whole rows; <paramref name="mixed"/> has 8 fraction bits, 0..65280.</summary>
    private static void MixRows(ReadOnlySpan<byte> rows, int width, ReadOnlySpan<int> weights, Span<uint> mixed)
    {
        const int Shift = AxisFilter.WeightBits - RowFractionBits;
        mixed.Fill(1u << (Shift - 1));
        for (int tap = 0; tap < weights.Length; tap++)
        {
            if (weights[tap] != 0)
            {
                AddWeighted(rows.Slice(tap * width, width), (uint)weights[tap], mixed);
            }
        }

        int column = 0;
        for (; column + Vector<uint>.Count <= width; column += Vector<uint>.Count)
        {
            Span<uint> part = mixed.Slice(column, Vector<uint>.Count);
            (new Vector<uint>(part) >>> Shift).CopyTo(part);
        }

        for (; column < width; column++)
        {
            mixed[column] >>= Shift;
        }
    }

    private static void AddWeighted(ReadOnlySpan<byte> row, uint weight, Span<uint> sums)
    {
        int column = 0;
        for (; column + Vector<byte>.Count <= row.Length; column += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(row.Slice(column, Vector<byte>.Count)), out Vector<ushort> low, out Vector<ushort> high);
            Vector.Widen(low, out Vector<uint> first, out Vector<uint> second);
            Vector.Widen(high, out Vector<uint> third, out Vector<uint> fourth);
            int lanes = Vector<uint>.Count;
            Add(first, weight, sums.Slice(column, lanes));
            Add(second, weight, sums.Slice(column + lanes, lanes));
            Add(third, weight, sums.Slice(column + 2 * lanes, lanes));
            Add(fourth, weight, sums.Slice(column + 3 * lanes, lanes));
        }

        for (; column < row.Length; column++)
        {
            sums[column] += weight * row[column];
        }
    }

    private static void Add(Vector<uint> samples, uint weight, Span<uint> sums) => (new Vector<uint>(sums) + samples * weight).CopyTo(sums);

    private static void MixColumns(ReadOnlySpan<uint> mixed, AxisFilter columns, Span<byte> target)
    {
        const int Shift = AxisFilter.WeightBits + RowFractionBits;
        int taps = columns.Taps;
        ReadOnlySpan<int> starts = columns.AllStarts;
        ReadOnlySpan<int> weights = columns.AllWeights;
        for (int column = 0; column < target.Length; column++)
        {
            ReadOnlySpan<uint> samples = mixed.Slice(starts[column], taps);
            ReadOnlySpan<int> shares = weights.Slice(column * taps, taps);
            uint sum = 1u << (Shift - 1);
            for (int tap = 0; tap < shares.Length; tap++)
            {
                sum += samples[tap] * (uint)shares[tap];
            }

            target[column] = (byte)(sum >> Shift);
        }
    }
}
