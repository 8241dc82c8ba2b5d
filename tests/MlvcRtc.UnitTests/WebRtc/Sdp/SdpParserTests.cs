using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.UnitTests.WebRtc.Sdp;

/// <summary>Expected values are those that one reads in the recorded texts.</summary>
public sealed class SdpParserTests
{
    [Fact]
    public void An_offer_of_Chromium_is_understood()
    {
        SdpSession offer = SdpParser.Parse(RecordedOffers.Chromium);
        Assert.Equal(5867959852773010479ul, offer.Id);
        Assert.Equal(2ul, offer.Version);
        Assert.Equal(["0", "1", "2"], offer.Bundle);
        Assert.Equal(["audio", "video", "application"], offer.Media.Select(one => one.Kind));

        SdpMedia video = offer.Media[1];
        Assert.Equal(("1", SdpSetup.ActPass, true, true, true), (video.Mid, video.Setup, video.RtcpMux, video.ReducedSizeRtcp, video.Trickle));
        Assert.Equal(("T1By", "BFoI5pCqSZKl921/+GoQxgRe"), (video.Ice!.UsernameFragment, video.Ice.Password));
        Assert.Equal("5FEBD08454A92D1A1E8734CB5639E900522D300BE3FE8602966E74E03AAC07B0", Convert.ToHexString(video.Fingerprint!.Sha256.Span));
        Assert.Equal([302232343u, 1259282458u], video.Sources);
        Assert.Equal("0H5hx4DfRoA7FsIZ", video.CanonicalName);
        Assert.Equal(3, video.Extensions["http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"]);
        Assert.Equal(23, video.Formats.Count);
        MediaFormat vp8 = video.Formats[0];
        Assert.Equal((96, "VP8", 90_000, 1, ""), (vp8.PayloadType, vp8.Name, vp8.ClockRate, vp8.Channels, vp8.Parameters));
        Assert.Equal(["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], vp8.Feedback);
        MediaFormat opus = offer.Media[0].Formats[0];
        Assert.Equal((111, "opus", 48_000, 2, "minptime=10;useinbandfec=1"), (opus.PayloadType, opus.Name, opus.ClockRate, opus.Channels, opus.Parameters));
    }

    [Fact]
    public void An_offer_of_node_datachannel_is_understood_though_its_fingerprint_stands_at_session_level()
    {
        SdpMedia video = Assert.Single(SdpParser.Parse(RecordedOffers.NodeDataChannel).Media);
        Assert.True(video.Trickle);
        Assert.Equal(32, video.Fingerprint!.Sha256.Length);
        Assert.Equal([42u], video.Sources);
        MediaFormat format = Assert.Single(video.Formats);
        Assert.Equal((109, "MLVC", "profile-id=0;model=1a2b3c4d"), (format.PayloadType, format.Name, format.Parameters));
        Assert.Equal(["nack", "nack pli", "goog-remb"], format.Feedback);
    }

    [Theory]
    [InlineData("v=1\r\n", "SDP line 1: expected v=0")]
    [InlineData("v=0\r\ns=-\r\n", "SDP line 2: expected o=")]
    [InlineData("v=0\r\n", "expected a description that begins with v= and o=")]
    [InlineData("", "expected a description that begins with v= and o=")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\n\r\n", "SDP line 3: expected a letter")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9\r\n", "SDP line 3: expected m=")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 65536 RTP 96\r\n", "SDP line 3: expected m=")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 128\r\n", "SDP line 3: expected payload types of 0 to 127, found \"m=video 9 RTP 128\"")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=rtpmap:96 VP8\r\n", "SDP line 4: expected a=rtpmap")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=ice-ufrag:abc\r\n", "SDP line 4: expected a=ice-ufrag")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=setup:holdconn\r\n", "SDP line 4: expected a=setup")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=fingerprint:sha-256 AA:BB\r\n", "SDP line 4: expected a=fingerprint")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=ssrc:4294967296 cname:x\r\n", "SDP line 4: expected a=ssrc")]
    [InlineData("v=0\r\no=- 1 1 IN IP4 0\r\nm=video 9 RTP 96\r\na=extmap:x urn:y\r\n", "SDP line 4: expected a=extmap")]
    public void A_malformed_description_is_refused_with_the_line_and_what_was_expected(string text, string said) =>
        Assert.Contains(said, Assert.Throws<FormatException>(() => SdpParser.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Refusals_quote_hostile_text_short_and_without_control_characters()
    {
        string message = Assert.Throws<FormatException>(() => SdpParser.Parse("v=0\u001b[31m" + new string('x', 1000))).Message;
        Assert.Contains("\"v=0?[31mxxx", message, StringComparison.Ordinal);
        Assert.True(message.Length < 140, message);
    }

    [Fact]
    public void Floods_are_refused()
    {
        const string Head = "v=0\r\no=- 1 1 IN IP4 0\r\n";
        string[] floods =
        [
            Head + new string('a', SdpLimits.MaxLength),
            Head + string.Concat(Enumerable.Repeat("a=x\n", SdpLimits.MaxLines)),
            Head + string.Concat(Enumerable.Repeat("m=video 9 RTP 96\n", 9)),
            Head + "m=video 9 RTP 96\n" + string.Concat(Enumerable.Repeat("a=candidate:x\n", SdpLimits.MaxCandidates + 1)),
            Head + "a=group:BUNDLE 1 2 3 4 5 6 7 8 9\n",
        ];
        Assert.All(floods, text => Assert.Throws<FormatException>(() => SdpParser.Parse(text)));
    }

    [Fact]
    public void Unknown_lines_and_attributes_are_passed_over()
    {
        SdpSession read = SdpParser.Parse("v=0\no=- 1 1 IN IP4 0\ni=x\na=unheard-of\nm=video 9 UDP/TLS/RTP/SAVPF 96\nb=AS:1\na=unheard:of\na=rtcp-fb:97 nack\na=rtpmap:96 VP8/90000\n");
        Assert.Empty(Assert.Single(Assert.Single(read.Media).Formats).Feedback);
    }
}
