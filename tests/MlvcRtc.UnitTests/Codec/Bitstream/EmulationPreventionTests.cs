using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.UnitTests.Codec.Bitstream;

public sealed class EmulationPreventionTests
{
    [Theory]
    [InlineData("00 00 00", "00 00 03 00")]
    [InlineData("00 00 01", "00 00 03 01")]
    [InlineData("00 00 04", "00 00 04")]
    [InlineData("00 00 00 00 00 00", "00 00 03 00 00 03 00 00")]
    [InlineData("00 00 03 00 00 03", "00 00 03 03 00 00 03 03")]
    public void Known_bytes(string plain, string escaped)
    {
        Assert.Equal(BitstreamVectors.Bytes(escaped), Escape(BitstreamVectors.Bytes(plain)));
        Assert.Equal(BitstreamVectors.Bytes(plain), Unescape(BitstreamVectors.Bytes(escaped)));
    }

    [Fact]
    public void Zero_rich_bytes_come_back_and_never_hold_a_start_code()
    {
        Random random = new(3);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] plain = [.. Enumerable.Range(0, random.Next(40)).Select(_ => (byte)(random.Next(3) < 2 ? 0 : random.Next(6)))];
            byte[] escaped = Escape(plain);

            Assert.Equal(plain, Unescape(escaped));
            for (int i = 2; i < escaped.Length; i++)
            {
                Assert.False(escaped[i - 2] == 0 && escaped[i - 1] == 0 && escaped[i] < 3);
            }
        }
    }

    [Fact]
    public void Pieces_are_escaped_like_the_whole()
    {
        byte[] plain = new byte[64];
        byte[] whole = Escape(plain);
        byte[] pieces = new byte[EmulationPrevention.MaxEscapedLength(64)];
        int zeros = 0;
        int length = EmulationPrevention.Escape(plain.AsSpan(0, 33), pieces, ref zeros);
        length += EmulationPrevention.Escape(plain.AsSpan(33), pieces.AsSpan(length), ref zeros);

        Assert.Equal(whole, pieces[..length]);
    }

    private static byte[] Escape(byte[] plain)
    {
        byte[] escaped = new byte[EmulationPrevention.MaxEscapedLength(plain.Length)];
        int zeros = 0;
        return escaped[..EmulationPrevention.Escape(plain, escaped, ref zeros)];
    }

    private static byte[] Unescape(byte[] escaped)
    {
        byte[] plain = new byte[escaped.Length];
        return plain[..EmulationPrevention.Unescape(escaped, plain)];
    }
}
