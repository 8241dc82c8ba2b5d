using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reports;

namespace MlvcRtc.App.Calls;

/// <summary>RTCP BYE (RFC 3550 §6.6): the end of a stream, told on the media path itself, so that it arrives even where the signaling server is gone.</summary>
internal static class Goodbye
{
    /// <summary>What <see cref="Write"/> needs.</summary>
    public const int MaxBytes = 8 + SourceDescription.MaxBytes + 8;

    private const byte PacketType = 203;

    /// <summary>Writes a compound packet: an empty receiver report, a CNAME, and the BYE (RFC 3550 §6.1).</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="ssrc">The stream that ends.</param>
    /// <param name="name">CNAME, as in the reports before.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, uint ssrc, string name)
    {
        int length = ReportPacket.Write(destination, ssrc, sender: null, block: null);
        length += SourceDescription.Write(destination[length..], ssrc, name);
        Span<byte> bye = destination.Slice(length, 8);
        (bye[0], bye[1]) = ((2 << 6) | 1, PacketType);
        BinaryPrimitives.WriteUInt16BigEndian(bye[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(bye[4..], ssrc);
        return length + bye.Length;
    }

    /// <summary>True when the datagram ends the stream <paramref name="ssrc"/>; any stream when that is null.</summary>
    public static bool IsIn(ReadOnlySpan<byte> datagram, uint? ssrc)
    {
        if (PacketDemux.Classify(datagram) != PacketKind.Rtcp)
        {
            return false;
        }

        RtcpReader reader = new(datagram);
        while (reader.TryNext(out RtcpPacket packet))
        {
            for (int i = 0; packet.PacketType == PacketType && i < packet.Count && packet.Body.Length >= 4 * (i + 1); i++)
            {
                if (ssrc is null || BinaryPrimitives.ReadUInt32BigEndian(packet.Body[(4 * i)..]) == ssrc)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
