using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Rtp;

/// <summary>Frames and their packets for tests.</summary>
internal static class PacketTrain
{
    /// <summary>A frame whose bytes tell its number; ordinary frames refer to the one before.</summary>
    public static EncodedFrame Frame(int id, FrameType type, int bytes, int? reference = null)
    {
        EncodedFrame frame = new()
        {
            Type = type,
            FrameId = (ushort)id,
            ReferenceId = (ushort)(type == FrameType.Intra ? id : reference ?? id - 1),
            ModelTag = 0xABCDEF01,
            CodedWidth = 640,
            CodedHeight = 368,
            CaptureTime = TimeSpan.FromMilliseconds(33 * (id & 0xFF)),
        };
        Span<byte> payload = frame.Reserve(bytes);
        for (int i = 0; i < bytes; i++)
        {
            payload[i] = (byte)(id + (i / 7));
        }

        return frame;
    }

    /// <summary>The packets of these frames, in order.</summary>
    public static byte[][] Packets(Packetizer packetizer, params EncodedFrame[] frames)
    {
        List<byte[]> packets = [];
        byte[] buffer = new byte[Packetizer.MaxPacketBytes];
        foreach (EncodedFrame frame in frames)
        {
            int count = Packetizer.CountPackets(frame);
            for (int i = 0; i < count; i++)
            {
                packets.Add(buffer[..packetizer.WritePacket(frame, i, count, buffer)]);
            }
        }

        return [.. packets];
    }
}
