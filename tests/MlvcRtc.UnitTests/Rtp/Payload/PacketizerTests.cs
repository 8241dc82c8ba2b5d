using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Rtp.Payload;

public sealed class PacketizerTests
{
    // Room for the bitstream: 1150 - 8 in ordinary frames, 1150 - 16 in key frames.
    [Theory]
    [InlineData(FrameType.Inter, 1, 1)]
    [InlineData(FrameType.Inter, 1142, 1)]
    [InlineData(FrameType.Inter, 1143, 2)]
    [InlineData(FrameType.Inter, 256 * 1142, 256)]
    [InlineData(FrameType.Inter, (256 * 1142) + 1, 0)]
    [InlineData(FrameType.Intra, 1134, 1)]
    [InlineData(FrameType.Intra, 1135, 2)]
    [InlineData(FrameType.Inter, 0, 0)]
    public void A_frame_takes_as_few_packets_as_it_can(FrameType type, int bytes, int packets)
    {
        Assert.Equal(packets, Packetizer.CountPackets(PacketTrain.Frame(5, type, bytes)));
    }

    [Theory]
    [InlineData(FrameType.Inter, 2500)]
    [InlineData(FrameType.Intra, 9000)]
    [InlineData(FrameType.Intra, 290_000)]
    public void The_fragments_of_a_frame_are_equal_within_one_byte_and_join_to_the_frame(FrameType type, int bytes)
    {
        EncodedFrame frame = PacketTrain.Frame(5, type, bytes);
        byte[][] packets = PacketTrain.Packets(new Packetizer(new RtpStreamSettings(77, FirstSequenceNumber: 65535)), frame);

        List<byte> joined = [];
        List<int> sizes = [];
        for (int i = 0; i < packets.Length; i++)
        {
            Assert.True(RtpPacket.TryParse(packets[i], out RtpPacket rtp));
            Assert.Equal(DescriptorStatus.Ok, PayloadDescriptor.Read(rtp.Payload, out PayloadDescriptor head));
            Assert.True(rtp.Payload.Length <= 1150);
            Assert.Equal(i == packets.Length - 1, rtp.Marker);
            Assert.Equal((ushort)(65535 + i), rtp.SequenceNumber);
            Assert.Equal(109, rtp.PayloadType);
            Assert.Equal(i == 0 && type == FrameType.Intra ? 0xABCDEF01u : 0u, head.ModelTag);
            sizes.Add(rtp.Payload.Length - head.SizeBytes);
            joined.AddRange(rtp.Payload[head.SizeBytes..]);
        }

        Assert.True(sizes.Max() - sizes.Min() <= 1);
        Assert.Equal(frame.Payload.ToArray(), joined);
    }

    [Fact]
    public void All_packets_of_a_frame_carry_its_capture_time_in_90_kHz()
    {
        EncodedFrame frame = PacketTrain.Frame(5, FrameType.Inter, 3000);
        frame.CaptureTime = TimeSpan.FromMilliseconds(40);
        foreach (byte[] packet in PacketTrain.Packets(new Packetizer(new RtpStreamSettings(77, TimestampOffset: 1000)), frame))
        {
            Assert.True(RtpPacket.TryParse(packet, out RtpPacket rtp));
            Assert.Equal(1000u + 3600u, rtp.Timestamp);  // 40 ms · 90 ticks/ms
        }
    }
}
