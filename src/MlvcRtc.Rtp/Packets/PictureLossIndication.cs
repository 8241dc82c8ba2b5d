using System.Buffers.Binary;

namespace MlvcRtc.Rtp.Packets;

/// <summary>PLI, the plain request for a key frame (RFC 4585 §6.3.1): payload-specific feedback, FMT 1, no FCI.</summary>
/// <param name="SenderSsrc">Who asks.</param>
/// <param name="MediaSsrc">Whose pictures are broken.</param>
public readonly record struct PictureLossIndication(uint SenderSsrc, uint MediaSsrc)
{
    /// <summary>Bytes of the reduced-size form.</summary>
    public const int SizeBytes = 12;

    /// <summary>Bytes that <see cref="WriteCompound"/> needs at most: an empty report, the name, the PLI.</summary>
    public const int MaxCompoundBytes = 8 + SourceDescription.MaxBytes + SizeBytes;

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
        RtcpPacket.WriteHead(destination, Fmt, RtcpPacket.PayloadFeedback, SizeBytes);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], MediaSsrc);
        return SizeBytes;
    }

    /// <summary>Writes an empty receiver report, the CNAME and the PLI, which is the least a compound may hold (RFC 3550 §6.1).</summary>
    /// <param name="canonicalName">1..255 ASCII bytes.</param>
    /// <returns>Bytes written; a multiple of four.</returns>
    public int WriteCompound(Span<byte> destination, string canonicalName)
    {
        RtcpPacket.WriteHead(destination, 0, RtcpPacket.ReceiverReport, 8);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);
        int size = 8 + SourceDescription.Write(destination[8..], SenderSsrc, canonicalName);
        return size + Write(destination[size..]);
    }
}
