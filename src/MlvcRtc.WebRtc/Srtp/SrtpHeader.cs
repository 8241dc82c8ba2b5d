using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.WebRtc.Srtp;

/// <summary>What of a packet stays readable. Says nothing of padding, which is encrypted.</summary>
internal static class SrtpHeader
{
    /// <summary>The length of fixed header, contributing sources and extension (RFC 3550 §5.1, §5.3.1); false when the packet is shorter or not of version 2.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> packet, out int headerBytes)
    {
        headerBytes = 0;
        if (packet.Length < RtpPacket.HeaderBytes || packet[0] >> 6 != 2)
        {
            return false;
        }

        int bytes = RtpPacket.HeaderBytes + (4 * (packet[0] & 0x0F));
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < bytes + 4)
            {
                return false;
            }

            bytes += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(bytes + 2)..]));
        }

        headerBytes = bytes;
        return bytes <= packet.Length;
    }

    public static ushort SequenceNumber(ReadOnlySpan<byte> rtp) => BinaryPrimitives.ReadUInt16BigEndian(rtp[2..]);

    public static uint RtpSsrc(ReadOnlySpan<byte> rtp) => BinaryPrimitives.ReadUInt32BigEndian(rtp[8..]);

    /// <summary>True for version 2 and 8 bytes at least: the head and the SSRC of the sender (RFC 3711 §3.4).</summary>
    public static bool IsRtcp(ReadOnlySpan<byte> packet) => packet.Length >= SrtpProfileSizes.RtcpClearBytes && packet[0] >> 6 == 2;

    public static uint RtcpSsrc(ReadOnlySpan<byte> rtcp) => BinaryPrimitives.ReadUInt32BigEndian(rtcp[4..]);
}
