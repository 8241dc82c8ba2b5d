using System.Net;
using System.Text;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.UnitTests.WebRtc.Stun;

/// <summary>The test vectors of RFC 5769: read, and written byte for byte where the RFC pads as we do (with zeros).</summary>
public sealed class Rfc5769Tests
{
    private const string Request = """
        00010058 2112a442 b7e7a701bc34d686fa87dfae
        80220010 5354554e207465737420636c69656e74
        00240004 6e0001ff
        80290008 932ff9b151263b36
        00060009 6576746a3a68367659202020
        00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
        80280004 e57a3bcf
        """;

    private const string ResponseV4 = """
        0101003c 2112a442 b7e7a701bc34d686fa87dfae
        8022000b 7465737420766563746f7220
        00200008 0001a147e112a643
        00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7
        80280004 c07d4c96
        """;

    private const string ResponseV6 = """
        01010048 2112a442 b7e7a701bc34d686fa87dfae
        8022000b 7465737420766563746f7220
        00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9
        00080014 a382954e4be67bf11784c97c8292c275bfe3ed41
        80280004 c8fb0b4c
        """;

    private const string LongTermRequest = """
        00010060 2112a442 78ad3433c6ad72c029da412e
        00060012 e3839ee38388e383aae38383e382afe382b90000
        0015001c 662f2f3439396b3935346436 4f4c33346f4c39465354767936347341
        0014000b 6578616d706c652e6f726700
        00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666
        """;

    private static readonly byte[] Password = Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    [Fact]
    public void The_request_is_read_and_its_signature_holds()
    {
        Assert.True(StunMessage.TryParse(Bytes(Request), out StunMessage message));
        Assert.Equal((StunClass.Request, StunMethod.Binding), (message.Class, message.Method));
        Assert.True(message.TryGetUInt32(StunAttribute.Priority, out uint priority));
        Assert.Equal(0x6E0001FFu, priority);
        Assert.True(message.TryGetUInt64(StunAttribute.IceControlled, out ulong tieBreaker));
        Assert.Equal(0x932FF9B151263B36ul, tieBreaker);
        Assert.True(message.TryGet(StunAttribute.Username, out ReadOnlySpan<byte> username));
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(username));
        Assert.True(message.IsFrom(Password));
        Assert.False(message.IsFrom(Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBu")));
        Assert.True(message.HasValidFingerprint());
    }

    [Theory]
    [InlineData(ResponseV4, "192.0.2.1")]
    [InlineData(ResponseV6, "2001:db8:1234:5678:11:2233:4455:6677")]
    public void The_responses_tell_the_mapped_address(string hex, string address)
    {
        Assert.True(StunMessage.TryParse(Bytes(hex), out StunMessage message));
        Assert.Equal(StunClass.Success, message.Class);
        Assert.True(message.TryGetXorAddress(StunAttribute.XorMappedAddress, out TransportAddress mapped));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 32853), mapped.ToEndPoint());
        Assert.True(message.IsFrom(Password));
        Assert.True(message.HasValidFingerprint());
    }

    [Fact]
    public void The_long_term_request_is_written_byte_for_byte()
    {
        byte[] expected = Bytes(LongTermRequest);
        StunWriter writer = new(new byte[StunWriter.BufferBytes], StunClass.Request, StunMethod.Binding, TransactionId.Read(expected.AsSpan(8)));
        writer.Add(StunAttribute.Username, "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9");
        writer.Add(StunAttribute.Nonce, "f//499k954d6OL34oL9FSTvy64sA");
        writer.Add(StunAttribute.Realm, "example.org");
        writer.AddIntegrity(StunIntegrity.LongTermKey("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9", "example.org", "TheMatrIX"));
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(writer.Written));
    }

    [Fact]
    public void One_wrong_bit_anywhere_breaks_the_signature_or_the_fingerprint()
    {
        byte[] good = Bytes(Request);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(StunMessage.TryParse(bad, out StunMessage message) && message.IsFrom(Password) && message.HasValidFingerprint(), $"bit {bit}");
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(string.Concat(hex.Where(char.IsAsciiHexDigit)));
}
