using System.Buffers.Binary;

namespace MlvcRtc.Media.Pixels;

/// <summary>
/// Mirrors a picture along its main diagonal, so that a portrait picture fits a landscape model. Not a rotation: pixel (row, column) becomes (column, row).
/// </summary>
public static class Transposition
{
    /// <summary><paramref name="target"/> becomes the transposed <paramref name="source"/>: its width is the source's height.</summary>
    public static void Transpose(VideoFrame source, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        int width = source.Width;
        int height = source.Height;
        target.Resize(height, width);
        target.CaptureTime = source.CaptureTime;
        TransposePlane(source.Y, width, height, target.Y);
        TransposePlane(source.U, width / 2, height / 2, target.U);
        TransposePlane(source.V, width / 2, height / 2, target.V);
    }

    /// <param name="source">[height, width]</param>
    /// <param name="width">Columns of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="target">[width, height]</param>
    public static void TransposePlane(ReadOnlySpan<byte> source, int width, int height, Span<byte> target)
    {
        int wholeColumns = width & ~7;
        int wholeRows = height & ~7;
        for (int row = 0; row < wholeRows; row += 8)
        {
            for (int column = 0; column < wholeColumns; column += 8)
            {
                TransposeBlock(source[(row * width + column)..], width, target[(column * height + row)..], height);
            }
        }

        TransposePlainly(source, width, target, height, rows: wholeRows..height, columns: 0..width);
        TransposePlainly(source, width, target, height, rows: 0..wholeRows, columns: wholeColumns..width);
    }

    private static void TransposeBlock(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride)
    {
        ulong a = BinaryPrimitives.ReadUInt64LittleEndian(source);
        ulong b = BinaryPrimitives.ReadUInt64LittleEndian(source[sourceStride..]);
        ulong c = BinaryPrimitives.ReadUInt64LittleEndian(source[(2 * sourceStride)..]);
        ulong d = BinaryPrimitives.ReadUInt64LittleEndian(source[(3 * sourceStride)..]);
        ulong e = BinaryPrimitives.ReadUInt64LittleEndian(source[(4 * sourceStride)..]);
        ulong f = BinaryPrimitives.ReadUInt64LittleEndian(source[(5 * sourceStride)..]);
        ulong g = BinaryPrimitives.ReadUInt64LittleEndian(source[(6 * sourceStride)..]);
        ulong h = BinaryPrimitives.ReadUInt64LittleEndian(source[(7 * sourceStride)..]);
        ByteBlock8x8.Transpose(ref a, ref b, ref c, ref d, ref e, ref f, ref g, ref h);
        BinaryPrimitives.WriteUInt64LittleEndian(target, a);
        BinaryPrimitives.WriteUInt64LittleEndian(target[targetStride..], b);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(2 * targetStride)..], c);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(3 * targetStride)..], d);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(4 * targetStride)..], e);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(5 * targetStride)..], f);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(6 * targetStride)..], g);
        BinaryPrimitives.WriteUInt64LittleEndian(target[(7 * targetStride)..], h);
    }

    /// <summary>The obvious version, for the edges that do not fill a block.</summary>
    private static void TransposePlainly(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride, Range rows, Range columns)
    {
        for (int row = rows.Start.Value; row < rows.End.Value; row++)
        {
            for (int column = columns.Start.Value; column < columns.End.Value; column++)
            {
                target[column * targetStride + row] = source[row * sourceStride + column];
            }
        }
    }
}
