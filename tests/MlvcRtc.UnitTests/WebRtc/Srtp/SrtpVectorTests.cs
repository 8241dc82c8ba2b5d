using MlvcRtc.WebRtc.Srtp;

namespace MlvcRtc.UnitTests.WebRtc.Srtp;

/// <summary>The numbers that the RFCs print, and those of libsrtp's own tests (session from master keys, for which RFC 7714 prints none).</summary>
public sealed class SrtpVectorTests
{
    private const SrtpProfile Cm = SrtpProfile.Aes128CmHmacSha1Tag80;
    private const SrtpProfile Gcm = SrtpProfile.AeadAes128Gcm;
    private const string Quid = "517569642070726f2071756f";  // "Quid pro quo"
    private const string RtpHead = "8040f17b8041f8d35501a0b2";
    private const string Gallia = "47616c6c696120657374206f6d6e697320646976697361" + "20696e207061727465732074726573";
    private const string Rtcp = "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

    [Fact]
    public void The_keystream_is_that_of_RFC_3711_appendix_B_2()
    {
        using AesCounterMode cipher = new(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        byte[] keystream = new byte[0xFF02 * 16];
        cipher.Apply(Convert.FromHexString("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), keystream, keystream);
        (int Block, string Expected)[] printed =
        [
            (0x0000, "E03EAD0935C95E80E166B16DD92B4EB4"),
            (0x0001, "D23513162B02D0F72A43A2FE4A5F97AB"),
            (0x0002, "41E95B3BB0A2E8DD477901E4FCA894C0"),
            (0xFEFF, "EC8CDF7398607CB0F2D21675EA9EA1E4"),
            (0xFF00, "362B7C3C6773516318A077D7FC5073AE"),
            (0xFF01, "6A2CC3787889374FBEB4C81B17BA6C44"),
        ];
        Assert.All(printed, each => Assert.Equal(each.Expected, Convert.ToHexString(keystream, each.Block * 16, 16)));
    }

    [Fact]
    public void Session_keys_are_those_of_RFC_3711_appendix_B_3()
    {
        using SessionKeys keys = SessionKeys.Derive(Cm, Keys("E1F97A0D3E018BE0D64FA32C06DE4139", "0EC675AD498AFEEBB6960B3AABE6"), rtcp: false);
        Assert.Equal("C61E7A93744F39EE10734AFE3FF7A087", Convert.ToHexString(keys.Encryption));
        Assert.Equal("30CBBC08863D8C85D49DB34A9AE1", Convert.ToHexString(keys.Salt));
        Assert.Equal("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4", Convert.ToHexString(keys.Authentication));
    }

    [Fact]
    public void An_SRTP_packet_is_that_of_RFC_7714_section_16_1()
    {
        using GcmTransform transform = new(new SessionKeys(Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), [], Convert.FromHexString(Quid)));
        byte[] packet = Convert.FromHexString(RtpHead + Gallia);
        byte[] result = new byte[packet.Length + 16];
        transform.ProtectRtp(packet, 12, 0x5501a0b2, 0xf17b, result);
        Assert.Equal(
            RtpHead + "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833" + "899d7f27beb16a9152cf765ee4390cce",
            Convert.ToHexStringLower(result));
        byte[] opened = new byte[packet.Length];
        Assert.True(transform.UnprotectRtp(result, 12, 0x5501a0b2, 0xf17b, opened));
        Assert.Equal(packet, opened);
    }

    [Fact]
    public void An_SRTCP_packet_is_that_of_RFC_7714_section_17_1()
    {
        using GcmTransform transform = new(new SessionKeys(Convert.FromHexString("000102030405060708090a0b0c0d0e0f"), [], Convert.FromHexString(Quid)));
        byte[] packet = Convert.FromHexString(Rtcp);
        byte[] result = new byte[packet.Length + 20];
        transform.ProtectRtcp(packet, 0x4d617273, 0x5d4, result);
        Assert.Equal(
            "81c8000d4d617273" + "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
            + "c84aa45896cf4d2fc5abf87245d9eade" + "800005d4",
            Convert.ToHexStringLower(result));
        byte[] opened = new byte[packet.Length];
        Assert.True(transform.UnprotectRtcp(result, 0x4d617273, 0x5d4, opened));
        Assert.Equal(packet, opened);
    }

    [Theory]
    [InlineData(
        Cm,
        "e1f97a0d3e018be0d64fa32c06de4139",
        "0ec675ad498afeebb6960b3aabe6",
        "4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
        "7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798")]
    [InlineData(
        Gcm,
        "000102030405060708090a0b0c0d0e0f",
        "a0a1a2a3a4a5a6a7a8a9aaab",
        "c5002ede04cfdd2eb91159e0880aa06ed2976826f796b201df3131a127e8a392",
        "c98b8b5df0392a55852b6c21ac8e7025c52c6fbea2b3b446ea31123ba88ce61e80000001")]
    public void From_the_master_key_on_packets_are_those_of_libsrtp(SrtpProfile profile, string key, string salt, string srtp, string srtcp)
    {
        const string Head = "800f1234decafbadcafebabe";
        const string RtcpHead = "81c8000bcafebabe";
        byte[] data = [.. Enumerable.Repeat((byte)0xab, 16)];
        using SrtpSendContext context = new(profile, Keys(key, salt));
        byte[] result = new byte[100];
        Assert.Equal(SrtpVerdict.Ok, context.ProtectRtp([.. Convert.FromHexString(Head), .. data], result, out int bytes));
        Assert.Equal(Head + srtp, Convert.ToHexStringLower(result, 0, bytes));
        _ = context.ProtectRtcp([.. Convert.FromHexString(RtcpHead), .. data], result, out _);  // index 0; libsrtp begins with 1
        Assert.Equal(SrtpVerdict.Ok, context.ProtectRtcp([.. Convert.FromHexString(RtcpHead), .. data], result, out bytes));
        Assert.Equal(RtcpHead + srtcp, Convert.ToHexStringLower(result, 0, bytes));
    }

    [Fact]
    public void Keys_of_the_wrong_length_are_named()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new SrtpSendContext(Gcm, Keys("000102030405060708090a0b0c0d0e0f", "0ec675ad498afeebb6960b3aabe6")));
        Assert.StartsWith("AeadAes128Gcm takes a master key of 16 bytes and a salt of 12, not 16 and 14", thrown.Message, StringComparison.Ordinal);
    }

    private static SrtpKeys Keys(string key, string salt) => new(Convert.FromHexString(key), Convert.FromHexString(salt));
}
