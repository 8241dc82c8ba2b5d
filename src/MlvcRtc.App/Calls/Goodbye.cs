using System.Buffers.Binary;
using System.Text;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.App.Calls;

/// <summary>RTCP BYE (RFC 3550 §6.6): the end of a stream, told on the media path itself, so that it arrives even where the signaling server is gone.</summary>
internal static class Goodbye
{
    /// <summary>What <see cref="Write"/> needs.</summary>
    public const int MaxBytes = 64;

    private const byte PacketType = 203;

    /// <summary>Writes a compound packet: an empty receiver report, a CNAME, and the BYE (RFC 3550 §6.1).</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="ssrc">The stream that ends.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, uint ssrc)
    {
        Span<byte> packet = destination[..MaxBytes];
        packet.Clear();
        int length = Header(packet, count: 0, RtcpPacket.ReceiverReport, ssrc);

        Span<byte> description = packet[length..];
        int chunk = Header(description, count: 1, RtcpPacket.SourceDescription, ssrc);
        description[chunk++] = 1;  // CNAME (RFC 3550 §6.5.1): random per session (RFC 7022), as the SSRC is
        description[chunk] = (byte)Encoding.ASCII.GetBytes(ssrc.ToString("x8", System.Globalization.CultureInfo.InvariantCulture), description[(chunk + 1)..]);
        chunk = (chunk + 1 + description[chunk] + 1 + 3) & ~3;  // ended by at least one zero, padded to a word
        BinaryPrimitives.WriteUInt16BigEndian(description[2..], (ushort)((chunk / 4) - 1));
        length += chunk;
        return length + Header(packet[length..], count: 1, PacketType, ssrc);
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

    private static int Header(Span<byte> packet, byte count, byte type, uint ssrc)
    {
        packet[0] = (byte)((2 << 6) | count);
        packet[1] = type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], ssrc);
        return 8;
    }
}
