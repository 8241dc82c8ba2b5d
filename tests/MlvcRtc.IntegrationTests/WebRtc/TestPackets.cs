using System.Buffers.Binary;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Packets with a content that can be recognised.</summary>
internal static class TestPackets
{
    /// <summary>An RTP packet of a channel; its payload is counted up from the sequence number.</summary>
    public static byte[] Rtp(MediaChannel channel, ushort number, int sizeBytes = 200, bool marker = false, uint timestamp = 90_000, byte? payloadType = null)
    {
        byte[] packet = new byte[sizeBytes];
        RtpPacket.WriteHeader(packet, payloadType ?? channel.Format.PayloadType, marker, number, timestamp, channel.LocalSsrc);
        for (int at = RtpPacket.HeaderBytes; at < sizeBytes; at++)
        {
            packet[at] = (byte)(number + at);
        }

        return packet;
    }

    /// <summary>The same with a transport-wide number in the header extension.</summary>
    public static byte[] WithTransportNumber(byte[] packet, ushort number, byte id)
    {
        byte[] extended = new byte[packet.Length + TransportSequence.SizeBytes];
        TransportSequence.Write(packet, number, extended, id);
        return extended;
    }

    /// <summary>PLI, MLVC feedback, a NACK of three separate runs and transport feedback, in one datagram.</summary>
    public static byte[] CompoundFeedback(uint sender, uint media)
    {
        Span<byte> buffer = stackalloc byte[1200];
        int size = new PictureLossIndication(sender, media).Write(buffer);
        size += new ReferenceFeedback { SenderSsrc = sender, MediaSsrc = media, LastDecoded = 41, LastReceived = 43, BestLtr = 40, HasBestLtr = true, IsBroken = true, Count = 7 }.Write(buffer[size..]);
        size += GenericNack.Write(buffer[size..], sender, media, [10, 100, 1000]);
        TimeSpan[] arrivals = [TimeSpan.FromMilliseconds(640), TransportFeedbackWriter.NotArrived, TimeSpan.FromMilliseconds(650)];
        size += TransportFeedbackWriter.Write(buffer[size..], sender, media, 65_535, 3, arrivals, out _);
        return buffer[..size].ToArray();
    }

    public static bool IsRtp(byte[] packet) => PacketDemux.Classify(packet) == PacketKind.Rtp;

    public static ushort NumberOf(byte[] packet) => BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(2));
}
