using System.Buffers.Binary;

namespace MlvcRtc.Media.Pixels;

/// <summary>
/// NV12, the other common 4:2:0 layout: luma rows, then rows of interleaved U and V. Cameras, files and libmlvc use it.
/// </summary>
public static class Nv12
{
    /// <summary>Bytes of one picture without row padding.</summary>
    public static int SizeOf(int width, int height) => width * height * 3 / 2;

    /// <summary>Reads <paramref name="nv12"/> (Y [height, width], UV [height/2, width/2, 2]) into <paramref name="target"/>, which keeps its size.</summary>
    /// <exception cref="ArgumentException">The bytes are not exactly one picture of the frame's size.</exception>
    public static void ToI420(ReadOnlySpan<byte> nv12, VideoFrame target)
    {
        ArgumentNullException.ThrowIfNull(target);
        CheckLength(nv12.Length, target);
        nv12[..target.Y.Length].CopyTo(target.Y);
        Separate(nv12[target.Y.Length..], target.U, target.V);
    }

    /// <summary>Writes <paramref name="source"/> as NV12.</summary>
    /// <exception cref="ArgumentException">The space is not exactly one picture.</exception>
    public static void FromI420(VideoFrame source, Span<byte> nv12)
    {
        ArgumentNullException.ThrowIfNull(source);
        CheckLength(nv12.Length, source);
        source.Y.CopyTo(nv12);
        Interleave(source.U, source.V, nv12[source.Y.Length..]);
    }

    private static void Separate(ReadOnlySpan<byte> pairs, Span<byte> first, Span<byte> second)
    {
        int sample = 0;
        for (; sample + 4 <= first.Length; sample += 4)
        {
            ulong four = BinaryPrimitives.ReadUInt64LittleEndian(pairs[(2 * sample)..]);
            BinaryPrimitives.WriteUInt32LittleEndian(first[sample..], Gather(four));
            BinaryPrimitives.WriteUInt32LittleEndian(second[sample..], Gather(four >> 8));
        }

        for (; sample < first.Length; sample++)
        {
            first[sample] = pairs[2 * sample];
            second[sample] = pairs[2 * sample + 1];
        }
    }

    private static void Interleave(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> pairs)
    {
        int sample = 0;
        for (; sample + 4 <= first.Length; sample += 4)
        {
            ulong four = Spread(BinaryPrimitives.ReadUInt32LittleEndian(first[sample..]))
                | (Spread(BinaryPrimitives.ReadUInt32LittleEndian(second[sample..])) << 8);
            BinaryPrimitives.WriteUInt64LittleEndian(pairs[(2 * sample)..], four);
        }

        for (; sample < first.Length; sample++)
        {
            pairs[2 * sample] = first[sample];
            pairs[2 * sample + 1] = second[sample];
        }
    }

    /// <summary>Bytes 0, 2, 4, 6 side by side.</summary>
    private static uint Gather(ulong eight)
    {
        eight &= 0x00FF_00FF_00FF_00FF;
        eight = (eight | (eight >> 8)) & 0x0000_FFFF_0000_FFFF;
        return (uint)(eight | (eight >> 16));
    }

    /// <summary>Four bytes to bytes 0, 2, 4, 6.</summary>
    private static ulong Spread(uint four)
    {
        ulong eight = (four | ((ulong)four << 16)) & 0x0000_FFFF_0000_FFFF;
        return (eight | (eight << 8)) & 0x00FF_00FF_00FF_00FF;
    }

    private static void CheckLength(int length, VideoFrame frame)
    {
        if (length != SizeOf(frame.Width, frame.Height))
        {
            throw new ArgumentException($"An NV12 picture of {frame.Width}x{frame.Height} has {SizeOf(frame.Width, frame.Height)} bytes, not {length}.", nameof(length));
        }
    }
}
