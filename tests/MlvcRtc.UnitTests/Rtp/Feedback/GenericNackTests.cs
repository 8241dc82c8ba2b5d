using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.UnitTests.Rtp.Feedback;

public sealed class GenericNackTests
{
    [Fact]
    public void Three_lost_packets_close_together_are_asked_for_in_one_information()
    {
        byte[] bytes = Write(100, 101, 116);
        Assert.Equal("81CD00030000000A0000000B" + "00648001", Convert.ToHexString(bytes));  // 0x64 = 100; bit 0 = 101, bit 15 = 116
        Assert.Equal([100, 101, 116], Read(bytes));
    }

    [Fact]
    public void A_packet_more_than_sixteen_after_the_first_opens_another_information()
    {
        byte[] bytes = Write(100, 117);
        Assert.Equal("81CD00040000000A0000000B" + "00640000" + "00750000", Convert.ToHexString(bytes));
        Assert.Equal([100, 117], Read(bytes));
    }

    [Theory]
    [InlineData(65535, 0)]
    [InlineData(65530, 3)]
    [InlineData(32767, 32769)]
    public void Numbers_wrap(int first, int second) => Assert.Equal([first, second], Read(Write((ushort)first, (ushort)second)));

    [Fact]
    public void The_largest_message_fits_its_bound()
    {
        ushort[] far = [.. Enumerable.Range(0, GenericNack.MaxSequenceNumbers).Select(i => (ushort)(i * 1000))];
        byte[] bytes = Write(far);
        Assert.Equal(GenericNack.MaxBytes, bytes.Length);
        Assert.Equal(far.Select(number => (int)number), Read(bytes));
    }

    [Theory]
    [InlineData("81CD00020000000A0000000B")]            // no information
    [InlineData("82CD00030000000A0000000B00640000")]    // another FMT
    [InlineData("81CE00030000000A0000000B00640000")]    // another packet type
    public void Other_messages_are_passed_over(string hex)
    {
        RtcpReader reader = new(Convert.FromHexString(hex));
        Assert.True(reader.TryNext(out RtcpPacket packet));
        Assert.False(GenericNack.TryRead(packet, out _));
    }

    private static byte[] Write(params ushort[] numbers)
    {
        byte[] bytes = new byte[GenericNack.MaxBytes];
        return bytes[..GenericNack.Write(bytes, 10, 11, numbers)];
    }

    private static List<int> Read(byte[] bytes)
    {
        RtcpReader reader = new(bytes);
        Assert.True(reader.TryNext(out RtcpPacket packet));
        Assert.True(GenericNack.TryRead(packet, out GenericNack nack));
        Assert.Equal((10u, 11u), (nack.SenderSsrc, nack.MediaSsrc));
        List<int> numbers = [];
        foreach (ushort number in nack)
        {
            numbers.Add(number);
        }

        return numbers;
    }
}
