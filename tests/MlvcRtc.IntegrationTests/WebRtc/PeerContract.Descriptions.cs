using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>What is agreed, and what is refused.</summary>
public abstract partial class PeerContract
{
    [Fact]
    public async Task An_answer_takes_over_the_numbers_of_the_offer_and_says_what_the_answerer_can_receive()
    {
        await using PeerPair pair = Pair([Offers.Video(109, 3, "model=1a2b3c4d,5e6f7081;max-fs=3600")], [Offers.Video(120, 9) with { AnswerParameters = static _ => "model=5e6f7081;max-fs=900" }]);
        await pair.NegotiateAsync();
        MediaChannel caller = Assert.Single(pair.Caller.Peer.Channels), answerer = Assert.Single(pair.Answerer.Peer.Channels);

        Assert.Equal((109, 109), (caller.Format.PayloadType, answerer.Format.PayloadType));
        Assert.Equal((3, 3), (caller.HeaderExtensions[Offers.TransportSequence], answerer.HeaderExtensions[Offers.TransportSequence]));
        Assert.Equal("model=1a2b3c4d,5e6f7081;max-fs=3600", caller.Format.Parameters);
        Assert.Equal("model=5e6f7081;max-fs=900", caller.RemoteParameters);
        Assert.Equal("model=5e6f7081;max-fs=900", answerer.Format.Parameters);
        Assert.Equal("model=1a2b3c4d,5e6f7081;max-fs=3600", answerer.RemoteParameters);
        Assert.Equal(caller.LocalSsrc, answerer.RemoteSsrc ?? caller.LocalSsrc);
    }

    [Fact]
    public async Task Feedback_that_one_side_did_not_name_is_not_agreed()
    {
        MediaDescription full = Offers.Video();
        MediaDescription little = full with { Format = full.Format with { Feedback = ["nack pli", "transport-cc"] } };
        await using PeerPair pair = Pair([full], [little]);
        await pair.NegotiateAsync();

        Assert.Equal(["nack pli", "transport-cc"], pair.Caller.Peer.Channels[0].Format.Feedback.Order());
        Assert.Equal(["nack pli", "transport-cc"], pair.Answerer.Peer.Channels[0].Format.Feedback.Order());
    }

    [Fact]
    public async Task What_the_answerer_does_not_have_is_rejected_and_yields_no_channel()
    {
        await using PeerPair pair = Pair([Offers.Audio(), Offers.Video()], [Offers.Video()]);
        (_, SessionDescription answer) = await pair.NegotiateAsync();
        Assert.StartsWith("m=audio 0 ", Line(answer.Sdp, "m=audio"), StringComparison.Ordinal);
        Assert.Equal(MediaKind.Video, Assert.Single(pair.Caller.Peer.Channels).Kind);
        Assert.Equal(MediaKind.Video, Assert.Single(pair.Answerer.Peer.Channels).Kind);

        pair.CarryCandidates();
        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
        await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, static channel => TestPackets.Rtp(channel, 1));
    }

    [Fact]
    public async Task Without_a_common_model_the_video_is_rejected_and_the_audio_stays()
    {
        await using PeerPair pair = Pair(answerer: [Offers.Video() with { AnswerParameters = static _ => null }, Offers.Audio()]);
        (_, SessionDescription answer) = await pair.NegotiateAsync();
        Assert.StartsWith("m=video 0 ", Line(answer.Sdp, "m=video"), StringComparison.Ordinal);
        Assert.Equal(MediaKind.Audio, Assert.Single(pair.Caller.Peer.Channels).Kind);
        Assert.Equal(MediaKind.Audio, Assert.Single(pair.Answerer.Peer.Channels).Kind);

        pair.CarryCandidates();
        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
        await ArrivesUnchangedAsync(pair.Answerer, pair.Caller, static channel => TestPackets.Rtp(channel, 1));
    }

    [Fact]
    public void Options_that_contradict_themselves_are_refused_by_name()
    {
        RtcPeerOptions options = PeerPair.Options([Offers.Video(109), Offers.Audio(109)]);
        Assert.Contains("Media", Assert.Throws<ArgumentException>(() => Factory.Create(options)).Message, StringComparison.Ordinal);
        RtcPeerOptions unreachable = PeerPair.Options([Offers.Video()]) with { RelayOnly = true };
        Assert.Contains("RelayOnly", Assert.Throws<ArgumentException>(() => Factory.Create(unreachable)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m=video 9 ", "m=video nine ", "m=video nine")]
    [InlineData("a=rtpmap:109 MLVC/90000", "a=rtpmap:109 MLVC/often", "a=rtpmap:109 MLVC/often")]
    [InlineData("a=ice-ufrag:", "a=ice-ufrag:? ", "a=ice-ufrag")]
    [InlineData("a=fingerprint:sha-256 ", "a=fingerprint:sha-256 XY:", "a=fingerprint")]
    [InlineData("a=fingerprint:", "a=other:", "a=fingerprint")]
    [InlineData("a=rtcp-mux\r\n", "", "a=rtcp-mux")]
    [InlineData("a=group:BUNDLE", "a=group:OTHER", "a=group:BUNDLE")]
    [InlineData("v=0", "v=9", "v=9")]
    public async Task A_description_that_cannot_be_used_is_refused_by_naming_its_line(string genuine, string broken, string named)
    {
        await using PeerPair pair = Pair();
        SessionDescription offer = await pair.Caller.Peer.CreateOfferAsync(cancel: Cancel);
        Assert.Contains(genuine, offer.Sdp, StringComparison.Ordinal);

        FormatException refusal = await Assert.ThrowsAsync<FormatException>(async () =>
            await pair.Answerer.Peer.AcceptOfferAsync(offer with { Sdp = offer.Sdp.Replace(genuine, broken, StringComparison.Ordinal) }, Cancel));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(pair.Answerer.Peer.Channels);
        await pair.Answerer.Peer.AcceptOfferAsync(offer, Cancel);
        Assert.Equal(2, pair.Answerer.Peer.Channels.Count);
    }
}
