using System.Buffers.Binary;
using System.IO.Compression;

namespace MlvcRtc.Lab.Drawing;

/// <summary>Writes PNG (ISO/IEC 15948): 8-bit RGB, one IDAT chunk, the best of the five row filters by smallest absolute sum.</summary>
public static class PngWriter
{
    private const int BytesPerPixel = 3;
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static readonly uint[] CrcTable = MakeCrcTable();

    public static void Write(Stream stream, RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(image);
        stream.Write(Signature);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), image.Height);
        header[8] = 8;  // bits per sample
        header[9] = 2;  // truecolour
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, Compress(image));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static ReadOnlySpan<byte> Compress(RgbImage image)
    {
        MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            int stride = image.Width * BytesPerPixel;
            byte[] above = new byte[stride];
            byte[][] filtered = [.. Enumerable.Range(0, 5).Select(_ => new byte[stride + 1])];
            for (int row = 0; row < image.Height; row++)
            {
                ReadOnlySpan<byte> pixels = image.Pixels.AsSpan(row * stride, stride);
                zlib.Write(Filter(pixels, above, filtered));
                pixels.CopyTo(above);
            }
        }

        return packed.GetBuffer().AsSpan(0, (int)packed.Length);
    }

    private static byte[] Filter(ReadOnlySpan<byte> row, byte[] above, byte[][] filtered)
    {
        byte[] best = filtered[0];
        long bestSum = long.MaxValue;
        for (int type = 0; type < filtered.Length; type++)
        {
            byte[] candidate = filtered[type];
            candidate[0] = (byte)type;
            long sum = 0;
            for (int i = 0; i < row.Length; i++)
            {
                int left = i < BytesPerPixel ? 0 : row[i - BytesPerPixel];
                int corner = i < BytesPerPixel ? 0 : above[i - BytesPerPixel];
                int prediction = type switch
                {
                    0 => 0,
                    1 => left,
                    2 => above[i],
                    3 => (left + above[i]) / 2,
                    _ => Paeth(left, above[i], corner),
                };
                byte difference = unchecked((byte)(row[i] - prediction));
                candidate[i + 1] = difference;
                sum += Math.Abs((int)(sbyte)difference);
            }

            (best, bestSum) = sum < bestSum ? (candidate, sum) : (best, bestSum);
        }

        return best;
    }

    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left);
        int toAbove = Math.Abs(estimate - above);
        int toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, type), data));
        stream.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        uint[] table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            uint c = n;
            for (int bit = 0; bit < 8; bit++)
            {
                c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;  // reversed CRC-32 polynomial, annex D
            }

            table[n] = c;
        }

        return table;
    }
}
