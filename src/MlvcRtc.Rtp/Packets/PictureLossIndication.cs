using System.Buffers.Binary;
using System.Text;

namespace MlvcRtc.Rtp.Packets;

/// <summary>PLI, the plain request for a key frame (RFC 4585 §6.3.1): payload-specific feedback, FMT 1, no FCI.</summary>
/// <param name="SenderSsrc">Who asks.</param>
/// <param name="MediaSsrc">Whose pictures are broken.</param>
public readonly record struct PictureLossIndication(uint SenderSsrc, uint MediaSsrc)
{
    /// <summary>Bytes of the reduced-size form.</summary>
    public const int SizeBytes = 12;

    /// <summary>Bytes that <see cref="WriteCompound"/> needs at most: report 8, description 4 + 4 + 2 + 255 + 1..4, PLI 12.</summary>
    public const int MaxCompoundBytes = 8 + 272 + SizeBytes;

    private const byte Fmt = 1;

    /// <summary>True when <paramref name="packet"/> is a PLI.</summary>
    public static bool TryRead(RtcpPacket packet, out PictureLossIndication pli)
    {
        pli = default;
        if (packet.PacketType != RtcpPacket.PayloadFeedback || packet.Count != Fmt || packet.Body.Length < 8)
        {
            return false;
        }

        pli = new(BinaryPrimitives.ReadUInt32BigEndian(packet.Body), BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]));
        return true;
    }

    /// <summary>Writes the reduced-size form (RFC 5506), for peers that agreed on <c>a=rtcp-rsize</c>.</summary>
    /// <returns><see cref="SizeBytes"/>.</returns>
    public int Write(Span<byte> destination)
    {
        WriteHead(destination, Fmt, RtcpPacket.PayloadFeedback, SizeBytes);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], MediaSsrc);
        return SizeBytes;
    }

    /// <summary>Writes an empty receiver report, the CNAME and the PLI, which is the least a compound may hold (RFC 3550 §6.1).</summary>
    /// <param name="canonicalName">1..255 ASCII bytes.</param>
    /// <returns>Bytes written; a multiple of four.</returns>
    public int WriteCompound(Span<byte> destination, string canonicalName)
    {
        ArgumentException.ThrowIfNullOrEmpty(canonicalName);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(canonicalName.Length, 255, nameof(canonicalName));

        WriteHead(destination, 0, RtcpPacket.ReceiverReport, 8);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);

        Span<byte> description = destination[8..];
        int items = 2 + canonicalName.Length;
        int size = 8 + (items & ~3) + 4;  // at least one terminating zero, then to a multiple of four
        description[8..size].Clear();
        WriteHead(description, 1, RtcpPacket.SourceDescription, size);
        BinaryPrimitives.WriteUInt32BigEndian(description[4..], SenderSsrc);
        description[8] = 1;  // CNAME
        description[9] = (byte)canonicalName.Length;
        Encoding.ASCII.GetBytes(canonicalName, description[10..]);

        return 8 + size + Write(description[size..]);
    }

    private static void WriteHead(Span<byte> destination, byte count, byte packetType, int sizeBytes)
    {
        destination[0] = (byte)((2 << 6) | count);
        destination[1] = packetType;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((sizeBytes / 4) - 1));
    }
}
