using System.Buffers.Binary;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Codec.Pixels;

/// <summary>
/// Packed 4:2:0, uint8 [1, 96, h, w] with h = height/8, w = width/8: channel 8·dy + dx holds luma (8i+dy, 8j+dx), channel 64 + 4·dy + dx holds
/// U (4i+dy, 4j+dx), channel 80 + 4·dy + dx holds V likewise. Bytes are moved, never changed. <see cref="PackedI420Plain"/> says the same in the obvious way.
/// </summary>
public sealed class PackedI420 : IPictureLayout
{
    public const int Channels = 96;

    private const int FirstU = 64;
    private const int FirstV = 80;

    public void Write(VideoFrame picture, NativeTensor tensor)
    {
        (int h, int w) = GridOf(tensor);
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Width != 8 * w || picture.Height != 8 * h)
        {
            throw new ArgumentException($"The tensor holds {8 * w}x{8 * h} pixels, the picture has {picture.Width}x{picture.Height}.", nameof(picture));
        }

        Span<byte> channels = tensor.Bytes;
        int plane = h * w;
        for (int i = 0; i < h; i++)
        {
            for (int dy = 0; dy < 8; dy++)
            {
                GatherLuma(picture.Y.Slice((8 * i + dy) * picture.Width, picture.Width), channels[(8 * dy * plane + i * w)..], plane, w);
            }

            for (int dy = 0; dy < 4; dy += 2)
            {
                int at = (4 * i + dy) * (picture.Width / 2);
                GatherChroma(picture.U.Slice(at, picture.Width), channels[((FirstU + 4 * dy) * plane + i * w)..], plane, w);
                GatherChroma(picture.V.Slice(at, picture.Width), channels[((FirstV + 4 * dy) * plane + i * w)..], plane, w);
            }
        }
    }

    public void Read(NativeTensor tensor, VideoFrame picture)
    {
        (int h, int w) = GridOf(tensor);
        ArgumentNullException.ThrowIfNull(picture);
        picture.Resize(8 * w, 8 * h);
        ReadOnlySpan<byte> channels = tensor.Bytes;
        int plane = h * w;
        for (int i = 0; i < h; i++)
        {
            for (int dy = 0; dy < 8; dy++)
            {
                ScatterLuma(channels[(8 * dy * plane + i * w)..], plane, w, picture.Y.Slice((8 * i + dy) * picture.Width, picture.Width));
            }

            for (int dy = 0; dy < 4; dy += 2)
            {
                int at = (4 * i + dy) * (picture.Width / 2);
                ScatterChroma(channels[((FirstU + 4 * dy) * plane + i * w)..], plane, w, picture.U.Slice(at, picture.Width));
                ScatterChroma(channels[((FirstV + 4 * dy) * plane + i * w)..], plane, w, picture.V.Slice(at, picture.Width));
            }
        }
    }

    /// <summary>(h, w) of a packed tensor.</summary>
    internal static (int Rows, int Columns) GridOf(NativeTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor is { Type: ElementType.UInt8, Shape: [1, Channels, int h, int w] }
            ? (h, w)
            : throw new ArgumentException($"A packed 4:2:0 tensor is UInt8 [1, {Channels}, h, w], not {tensor.Type} [{string.Join(", ", tensor.Shape)}].", nameof(tensor));
    }

    /// <summary>One luma row to eight channels, eight positions at a time: load 64 pixels, transpose them as an 8x8 block.</summary>
    private static void GatherLuma(ReadOnlySpan<byte> row, Span<byte> channels, int plane, int w)
    {
        int j = 0;
        for (; j + 8 <= w; j += 8)
        {
            Block block = Block.Load(row[(8 * j)..], 8);
            block.Transpose();
            block.Store(channels[j..], plane);
        }

        for (; j < w; j++)
        {
            for (int dx = 0; dx < 8; dx++)
            {
                channels[dx * plane + j] = row[8 * j + dx];
            }
        }
    }

    private static void ScatterLuma(ReadOnlySpan<byte> channels, int plane, int w, Span<byte> row)
    {
        int j = 0;
        for (; j + 8 <= w; j += 8)
        {
            Block block = Block.Load(channels[j..], plane);
            block.Transpose();
            block.Store(row[(8 * j)..], 8);
        }

        for (; j < w; j++)
        {
            for (int dx = 0; dx < 8; dx++)
            {
                row[8 * j + dx] = channels[dx * plane + j];
            }
        }
    }

    /// <summary>Two chroma rows (one after the other) to eight channels: four samples of each row make one row of the 8x8 block.</summary>
    private static void GatherChroma(ReadOnlySpan<byte> rows, Span<byte> channels, int plane, int w)
    {
        int stride = 4 * w;
        int j = 0;
        for (; j + 8 <= w; j += 8)
        {
            Block block = Block.LoadPairs(rows.Slice(4 * j, 32), rows.Slice(stride + 4 * j, 32));
            block.Transpose();
            block.Store(channels[j..], plane);
        }

        for (; j < w; j++)
        {
            for (int dx = 0; dx < 4; dx++)
            {
                channels[dx * plane + j] = rows[4 * j + dx];
                channels[(4 + dx) * plane + j] = rows[stride + 4 * j + dx];
            }
        }
    }

    private static void ScatterChroma(ReadOnlySpan<byte> channels, int plane, int w, Span<byte> rows)
    {
        int stride = 4 * w;
        int j = 0;
        for (; j + 8 <= w; j += 8)
        {
            Block block = Block.Load(channels[j..], plane);
            block.Transpose();
            block.StorePairs(rows.Slice(4 * j, 32), rows.Slice(stride + 4 * j, 32));
        }

        for (; j < w; j++)
        {
            for (int dx = 0; dx < 4; dx++)
            {
                rows[4 * j + dx] = channels[dx * plane + j];
                rows[stride + 4 * j + dx] = channels[(4 + dx) * plane + j];
            }
        }
    }

    /// <summary>8x8 bytes in registers.</summary>
    private ref struct Block
    {
        private ulong _a, _b, _c, _d, _e, _f, _g, _h;

        public static Block Load(ReadOnlySpan<byte> from, int stride) => new()
        {
            _a = BinaryPrimitives.ReadUInt64LittleEndian(from),
            _b = BinaryPrimitives.ReadUInt64LittleEndian(from[stride..]),
            _c = BinaryPrimitives.ReadUInt64LittleEndian(from[(2 * stride)..]),
            _d = BinaryPrimitives.ReadUInt64LittleEndian(from[(3 * stride)..]),
            _e = BinaryPrimitives.ReadUInt64LittleEndian(from[(4 * stride)..]),
            _f = BinaryPrimitives.ReadUInt64LittleEndian(from[(5 * stride)..]),
            _g = BinaryPrimitives.ReadUInt64LittleEndian(from[(6 * stride)..]),
            _h = BinaryPrimitives.ReadUInt64LittleEndian(from[(7 * stride)..]),
        };

        /// <summary>Row k = four bytes of <paramref name="low"/> at 4k, then four of <paramref name="high"/> at 4k.</summary>
        public static Block LoadPairs(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high) => new()
        {
            _a = Pair(low, high, 0),
            _b = Pair(low, high, 4),
            _c = Pair(low, high, 8),
            _d = Pair(low, high, 12),
            _e = Pair(low, high, 16),
            _f = Pair(low, high, 20),
            _g = Pair(low, high, 24),
            _h = Pair(low, high, 28),
        };

        public void Transpose() => ByteBlock8x8.Transpose(ref _a, ref _b, ref _c, ref _d, ref _e, ref _f, ref _g, ref _h);

        public readonly void Store(Span<byte> to, int stride)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(to, _a);
            BinaryPrimitives.WriteUInt64LittleEndian(to[stride..], _b);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(2 * stride)..], _c);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(3 * stride)..], _d);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(4 * stride)..], _e);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(5 * stride)..], _f);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(6 * stride)..], _g);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(7 * stride)..], _h);
        }

        public readonly void StorePairs(Span<byte> low, Span<byte> high)
        {
            Split(_a, low, high, 0);
            Split(_b, low, high, 4);
            Split(_c, low, high, 8);
            Split(_d, low, high, 12);
            Split(_e, low, high, 16);
            Split(_f, low, high, 20);
            Split(_g, low, high, 24);
            Split(_h, low, high, 28);
        }

        private static ulong Pair(ReadOnlySpan<byte> low, ReadOnlySpan<byte> high, int at) =>
            BinaryPrimitives.ReadUInt32LittleEndian(low[at..]) | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(high[at..]) << 32);

        private static void Split(ulong row, Span<byte> low, Span<byte> high, int at)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(low[at..], (uint)row);
            BinaryPrimitives.WriteUInt32LittleEndian(high[at..], (uint)(row >> 32));
        }
    }
}
