using System.Buffers.Binary;
using System.Text;

namespace MlvcRtc.Rtp.Packets;

/// <summary>SDES with one CNAME (RFC 3550 §6.5.1): which streams are of one participant, for those who play them in step. Every compound packet holds one.</summary>
public static class SourceDescription
{
    /// <summary>Bytes at most: head 4, SSRC 4, type and length 2, name 255, zeros 1 to 4.</summary>
    public const int MaxBytes = 272;

    private const byte CanonicalName = 1;

    /// <param name="name">1..255 ASCII characters, random per call (RFC 7022) and the same for all streams of one side.</param>
    /// <returns>Bytes written; a multiple of four.</returns>
    public static int Write(Span<byte> destination, uint ssrc, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 255, nameof(name));
        int items = 2 + name.Length;
        int size = 8 + (items & ~3) + 4;  // at least one terminating zero, then to a multiple of four
        destination[8..size].Clear();
        RtcpPacket.WriteHead(destination, 1, RtcpPacket.SourceDescription, size);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        destination[8] = CanonicalName;
        destination[9] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, destination[10..]);
        return size;
    }
}
