using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Packets;

public sealed class RtpPacketTests
{
    [Fact]
    public void A_plain_packet_is_read_field_by_field()
    {
        Assert.True(RtpPacket.TryParse(Convert.FromHexString("80ED0102030405060708090AAABB"), out RtpPacket packet));
        Assert.True(packet.Marker);
        Assert.Equal(109, packet.PayloadType);
        Assert.Equal(0x0102, packet.SequenceNumber);
        Assert.Equal(0x03040506u, packet.Timestamp);
        Assert.Equal(0x0708090Au, packet.Ssrc);
        Assert.Equal([0xAA, 0xBB], packet.Payload.ToArray());
    }

    [Fact]
    public void Sources_extension_and_padding_are_passed_over()
    {
        // P, X, CC = 1; one CSRC; extension BEDE with one word; payload AABB; padding 00 00 03.
        byte[] bytes = Convert.FromHexString("B16D00010000000200000003" + "00000004" + "BEDE0001" + "10FF0000" + "AABB" + "000003");
        Assert.True(RtpPacket.TryParse(bytes, out RtpPacket packet));
        Assert.Equal([0xAA, 0xBB], packet.Payload.ToArray());
        Assert.Equal(8, packet.Extension.Length);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("806D000100000002000000", "eleven bytes")]
    [InlineData("406D00010000000200000003AA", "version 1")]
    [InlineData("816D00010000000200000003", "a source that is not there")]
    [InlineData("906D00010000000200000003BEDE", "half an extension head")]
    [InlineData("906D00010000000200000003BEDEFFFF", "an extension longer than the packet")]
    [InlineData("A06D00010000000200000003AA00", "padding of zero")]
    [InlineData("A06D00010000000200000003AA03", "more padding than payload")]
    public void Bytes_that_are_no_packet_are_refused(string hex, string why)
    {
        Assert.False(RtpPacket.TryParse(Convert.FromHexString(hex), out _), why);
    }

    [Fact]
    public void A_written_header_is_read_back()
    {
        byte[] bytes = new byte[12];
        RtpPacket.WriteHeader(bytes, 109, marker: true, 0x0102, 0x03040506, 0x0708090A);
        Assert.Equal("80ED0102030405060708090A", Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData("80ED0000", PacketKind.Rtp)]
    [InlineData("806D0000", PacketKind.Rtp)]
    [InlineData("80C80000", PacketKind.Rtcp)]   // sender report, 200
    [InlineData("81CE0002", PacketKind.Rtcp)]   // PLI, 206
    [InlineData("00010000", PacketKind.Unknown)]   // STUN
    [InlineData("16FEFD00", PacketKind.Unknown)]   // DTLS
    [InlineData("80", PacketKind.Unknown)]
    public void Rtp_and_rtcp_share_a_port_and_are_told_apart(string hex, PacketKind kind)
    {
        Assert.Equal(kind, PacketDemux.Classify(Convert.FromHexString(hex)));
    }
}
