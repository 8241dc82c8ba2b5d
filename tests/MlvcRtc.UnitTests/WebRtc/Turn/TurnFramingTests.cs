using MlvcRtc.WebRtc.Stun;
using MlvcRtc.WebRtc.Turn;

namespace MlvcRtc.UnitTests.WebRtc.Turn;

/// <summary>A byte stream becomes messages again, however the network cuts it.</summary>
public sealed class TurnFramingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Messages_come_out_whole_whatever_the_pieces(int piece)
    {
        byte[] stun = Binding();
        byte[] buffer = new byte[100];
        byte[] channel = buffer[..ChannelData.Write(buffer, 0x4001, "hello"u8, padded: true)];
        byte[] empty = [0x40, 0x02, 0, 0];
        List<string> messages = Read([.. stun, .. channel, .. empty, .. stun], piece, out TurnFraming framing);
        Assert.Equal([Convert.ToHexString(stun), "40010005" + Convert.ToHexString("hello"u8), "40020000", Convert.ToHexString(stun)], messages);
        Assert.False(framing.IsBroken);
    }

    [Fact]
    public void A_message_that_is_too_long_is_skipped_and_the_next_one_read()
    {
        byte[] huge = new byte[4 + 60000];
        (huge[0], huge[1], huge[2], huge[3]) = (0x40, 0x01, 60000 >> 8, 60000 & 0xFF);
        byte[] stun = Binding();
        Assert.Equal([Convert.ToHexString(stun)], Read([.. huge, .. stun], 1400, out TurnFraming framing));
        Assert.Equal(1, framing.Skipped);
    }

    [Fact]
    public void Something_else_than_turn_ends_the_connection()
    {
        Assert.Empty(Read([0x80, .. "HTTP/1.1 400 Bad Request"u8], 100, out TurnFraming framing));
        Assert.True(framing.IsBroken);
    }

    private static byte[] Binding()
    {
        StunWriter writer = new(new byte[100], StunClass.Request, StunMethod.Binding, new TransactionId(1, 2));
        writer.Add(StunAttribute.Username, "me");
        return writer.Written.ToArray();
    }

    private static List<string> Read(byte[] stream, int piece, out TurnFraming framing)
    {
        framing = new TurnFraming();
        List<string> messages = [];
        foreach (byte[] chunk in stream.Chunk(piece))
        {
            ReadOnlySpan<byte> input = chunk;
            while (framing.TryTake(ref input, out ReadOnlySpan<byte> message))
            {
                messages.Add(Convert.ToHexString(message));
            }
        }

        return messages;
    }
}
