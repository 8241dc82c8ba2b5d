using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Packets;

public sealed class RtcpPacketTests
{
    private static readonly PictureLossIndication Pli = new(0x11223344, 0x55667788);

    [Fact]
    public void A_key_frame_request_has_the_bytes_of_RFC_4585()
    {
        byte[] bytes = new byte[12];
        Assert.Equal(12, Pli.Write(bytes));
        Assert.Equal("81CE00021122334455667788", Convert.ToHexString(bytes));
        Assert.Equal([Pli], Plis(bytes));
    }

    [Theory]
    [InlineData("a", 12)]      // 4 + 4 + 2 + 1, then one zero
    [InlineData("ab", 16)]     // the zero that ends the list must still follow: 8 + 4 + 4
    [InlineData("abc", 16)]
    [InlineData("abcdef", 20)]
    public void A_compound_request_begins_with_a_report_and_a_name(string name, int descriptionBytes)
    {
        byte[] bytes = new byte[PictureLossIndication.MaxCompoundBytes];
        int length = Pli.WriteCompound(bytes, name);

        Assert.Equal(8 + descriptionBytes + 12, length);
        Assert.Equal(201, bytes[1]);
        Assert.Equal(202, bytes[9]);
        Assert.Equal([Pli], Plis(bytes.AsSpan(0, length)));
    }

    [Fact]
    public void The_longest_name_fits()
    {
        byte[] bytes = new byte[PictureLossIndication.MaxCompoundBytes];
        int length = Pli.WriteCompound(bytes, new string('x', 255));
        Assert.Equal([Pli], Plis(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("81CE000311223344")]                           // longer than it is
    [InlineData("41CE00021122334455667788")]                   // version 1
    [InlineData("A1CE0002112233445566770081CE00021122334455667788")]  // padding before the last packet
    [InlineData("A1CE00021122334455667780")]                   // more padding than packet
    [InlineData("81CE")]
    public void A_malformed_datagram_ends_the_walk(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        RtcpReader reader = new(bytes);
        while (reader.TryNext(out _))
        {
        }

        Assert.True(reader.Malformed);
    }

    private static List<PictureLossIndication> Plis(ReadOnlySpan<byte> datagram)
    {
        List<PictureLossIndication> found = [];
        RtcpReader reader = new(datagram);
        while (reader.TryNext(out RtcpPacket packet))
        {
            if (PictureLossIndication.TryRead(packet, out PictureLossIndication pli))
            {
                found.Add(pli);
            }
        }

        Assert.False(reader.Malformed);
        return found;
    }
}
