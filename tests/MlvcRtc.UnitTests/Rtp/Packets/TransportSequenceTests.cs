using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Packets;

public sealed class TransportSequenceTests
{
    private const string Head = "80ED0102030405060708090A";
    private const string HeadWithExtension = "90ED0102030405060708090A";

    [Fact]
    public void A_packet_gets_its_number_between_header_and_payload()
    {
        byte[] destination = new byte[64];
        int length = TransportSequence.Write(Convert.FromHexString(Head + "AABB"), 0xCAFE, destination);

        // RFC 8285 §4.2: BEDE, one word, element 5 of two bytes (L = 1), a padding byte.
        Assert.Equal(HeadWithExtension + "BEDE0001" + "51CAFE00" + "AABB", Convert.ToHexString(destination.AsSpan(0, length)));
        Assert.Equal(14 + TransportSequence.SizeBytes, length);
    }

    [Fact]
    public void The_number_stands_after_the_contributing_sources()
    {
        byte[] destination = new byte[64];
        int length = TransportSequence.Write(Convert.FromHexString("81ED0102030405060708090A" + "0000000F" + "AA"), 1, destination);
        Assert.True(RtpPacket.TryParse(destination.AsSpan(0, length), out RtpPacket parsed));
        Assert.True(TransportSequence.TryRead(parsed.Extension, out ushort number));
        Assert.Equal(1, number);
        Assert.Equal([0xAA], parsed.Payload.ToArray());
    }

    [Theory]
    [InlineData("BEDE000151CAFE00", 0xCAFE, "alone")]
    [InlineData("BEDE0002000010FF51CAFE00", 0xCAFE, "after padding and another element")]
    [InlineData("BEDE000151CAFE00DEADBEEF", 0xCAFE, "before what is no element")]
    public void The_number_is_found(string extension, int expected, string where)
    {
        Assert.True(TransportSequence.TryRead(Convert.FromHexString(extension), out ushort number), where);
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("", "no extension")]
    [InlineData("BEDE0000", "an empty extension")]
    [InlineData("100000014102CAFE", "two-byte headers")]
    [InlineData("BEDE000150CA0000", "an element of one byte")]
    [InlineData("BEDE000153CAFE00", "an element that ends beyond the extension")]
    [InlineData("BEDE000141CAFE00", "another element")]
    [InlineData("BEDE0002F00051CAFE00", "identifier 15 ends the search")]
    public void No_number_is_read_where_there_is_none(string extension, string why)
    {
        Assert.False(TransportSequence.TryRead(Convert.FromHexString(extension), out _), why);
    }

    [Fact]
    public void A_packet_is_not_numbered_twice()
    {
        byte[] bytes = Convert.FromHexString(HeadWithExtension + "BEDE0001" + "51CAFE00");
        Assert.Throws<ArgumentException>(() => TransportSequence.Write(bytes, 1, new byte[64]));
    }
}
