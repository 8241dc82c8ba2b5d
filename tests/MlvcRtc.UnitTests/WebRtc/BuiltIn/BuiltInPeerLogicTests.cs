using MlvcRtc.Rtp.Packets;
using MlvcRtc.UnitTests.WebRtc.Sdp;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.UnitTests.WebRtc.BuiltIn;

/// <summary>What the peer makes of offers, of what ICE and DTLS come to, and of packets; ICE and DTLS are fakes here, real in the contract tests.</summary>
public sealed class BuiltInPeerLogicTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static MediaDescription Video => MlvcMedia.Describe(new MlvcParameters());

    private static MediaDescription Vp8 => new(MediaKind.Video, new MediaFormat(120, "VP8", 90_000, 1, "", ["nack", "nack pli"]), new Dictionary<string, byte> { [MlvcMedia.TransportSequenceUri] = 9 });

    [Fact]
    public async Task An_offer_of_Chromium_is_answered_with_its_numbers_and_what_we_lack_is_rejected()
    {
        await using FakeSide side = new(OpusMedia.Describe(), Vp8);
        SessionDescription answer = await side.Peer.AcceptOfferAsync(new(DescriptionKind.Offer, RecordedOffers.Chromium), Cancel);
        SdpSession read = SdpParser.Parse(answer.Sdp);
        Assert.Equal(["0", "1"], read.Bundle);
        Assert.Equal([("audio", 9), ("video", 9), ("application", 0)], read.Media.Select(one => (one.Kind, one.Port)));
        Assert.Contains("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n", answer.Sdp, StringComparison.Ordinal);
        Assert.Equal(SdpSetup.Active, read.Media[1].Setup);
        Assert.Equal(["audio", "video"], side.Peer.Channels.Select(one => one.Kind == MediaKind.Audio ? "audio" : "video"));
        MediaChannel video = side.Peer.Channels[1];
        Assert.Equal((96, 302232343u, (byte)3), (video.Format.PayloadType, video.RemoteSsrc!.Value, video.HeaderExtensions[MlvcMedia.TransportSequenceUri]));
        Assert.Equal(["nack", "nack pli"], video.Format.Feedback);
        Assert.Equal((new IceCredentials("T1By", "BFoI5pCqSZKl921/+GoQxgRe"), false), (side.Ice.Remote, side.Ice.Controlling));
    }

    [Fact]
    public async Task An_offer_with_nothing_in_common_is_answered_with_every_line_rejected_and_both_sides_can_tell()
    {
        await using FakeSide caller = new(Video), answerer = new(OpusMedia.Describe());
        SessionDescription answer = await answerer.Peer.AcceptOfferAsync(await caller.Peer.CreateOfferAsync(cancel: Cancel), Cancel);
        await caller.Peer.AcceptAnswerAsync(answer, Cancel);

        SdpMedia line = Assert.Single(SdpParser.Parse(answer.Sdp).Media);
        Assert.Equal(("video", "0", true), (line.Kind, line.Mid, line.Rejected));
        Assert.DoesNotContain("a=candidate", answer.Sdp, StringComparison.Ordinal);
        Assert.All([caller, answerer], side => Assert.Empty(side.Peer.Channels));
        Assert.All([caller, answerer], side => Assert.Equal(PeerState.New, side.Peer.State));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await caller.Peer.AcceptAnswerAsync(answer, Cancel));
    }

    [Fact]
    public async Task The_offerer_controls_ICE_and_waits_for_the_handshake_the_answerer_starts_it()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        Assert.True(caller.Ice.Controlling);
        Assert.False(answerer.Ice.Controlling);
        await ConnectAsync(caller, answerer);
        Assert.Equal((DtlsRole.Server, DtlsRole.Client), (caller.Dtls.Role, answerer.Dtls.Role));
        Assert.Equal((answerer.Fingerprint, caller.Fingerprint), (caller.Dtls.Expected, answerer.Dtls.Expected));
    }

    [Fact]
    public async Task An_unanswered_offer_is_withdrawn_when_the_other_side_offers()
    {
        await using FakeSide one = new(Video, OpusMedia.Describe()), other = new(OpusMedia.Describe(), Video);
        await one.Peer.CreateOfferAsync(cancel: Cancel);
        SessionDescription offer = await other.Peer.CreateOfferAsync(cancel: Cancel);
        SessionDescription answer = await one.Peer.AcceptOfferAsync(offer, Cancel);
        await other.Peer.AcceptAnswerAsync(answer, Cancel);
        Assert.Equal([MediaKind.Audio, MediaKind.Video], one.Peer.Channels.Select(channel => channel.Kind));
        Assert.Equal([MediaKind.Audio, MediaKind.Video], other.Peer.Channels.Select(channel => channel.Kind));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await one.Peer.AcceptAnswerAsync(answer, Cancel));
    }

    [Fact]
    public async Task A_restart_changes_credentials_on_both_sides_and_keeps_mids_channels_and_roles()
    {
        await using FakeSide caller = new(Video, OpusMedia.Describe()), answerer = new(Video, OpusMedia.Describe());
        await NegotiateAsync(caller, answerer);
        await ConnectAsync(caller, answerer);
        MediaChannel[] before = [.. caller.Peer.Channels];

        SessionDescription offer = await answerer.Peer.CreateOfferAsync(iceRestart: true, Cancel);
        SessionDescription answer = await caller.Peer.AcceptOfferAsync(offer, Cancel);
        await answerer.Peer.AcceptAnswerAsync(answer, Cancel);

        Assert.Equal((1, 1), (caller.Ice.Generation, answerer.Ice.Generation));
        Assert.Equal((2, 2), (caller.Ice.Gatherings, answerer.Ice.Gatherings));
        Assert.Equal(answerer.Ice.Local, caller.Ice.Remote);
        Assert.Equal(["0", "1"], SdpParser.Parse(answer.Sdp).Media.Select(one => one.Mid));
        Assert.Equal(SdpSetup.Passive, SdpParser.Parse(answer.Sdp).Media[0].Setup);  // the caller stays the DTLS server
        Assert.Equal(before, caller.Peer.Channels);
        Assert.Equal(PeerState.Connected, caller.Peer.State);
    }

    [Fact]
    public async Task A_restart_whose_offer_is_withdrawn_for_an_ordinary_offer_is_taken_back()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        caller.Ice.Gather("candidate:first");
        await NegotiateAsync(caller, answerer);
        await ConnectAsync(caller, answerer);

        await caller.Peer.CreateOfferAsync(iceRestart: true, Cancel);
        SessionDescription answer = await caller.Peer.AcceptOfferAsync(await answerer.Peer.CreateOfferAsync(cancel: Cancel), Cancel);
        await answerer.Peer.AcceptAnswerAsync(answer, Cancel);

        Assert.Equal((0, 0), (caller.Ice.Generation, answerer.Ice.Generation));
        SdpMedia line = SdpParser.Parse(answer.Sdp).Media[0];
        Assert.Equal("gen0", line.Ice!.UsernameFragment);
        Assert.Equal(["candidate:first"], line.Candidates);
        await caller.Peer.CreateOfferAsync(iceRestart: true, Cancel);
        Assert.Equal(1, caller.Ice.Generation);  // the next wish is a restart again
    }

    [Fact]
    public async Task A_later_description_with_another_certificate_is_refused()
    {
        await using FakeSide caller = new(Video), answerer = new(Video), stranger = new(Video);
        await NegotiateAsync(caller, answerer);
        string forged = (await caller.Peer.CreateOfferAsync(cancel: Cancel)).Sdp.Replace(caller.Fingerprint.ToString(), stranger.Fingerprint.ToString(), StringComparison.Ordinal);
        FormatException refused = await Assert.ThrowsAsync<FormatException>(async () => await answerer.Peer.AcceptOfferAsync(new(DescriptionKind.Offer, forged), Cancel));
        Assert.Contains("a=fingerprint", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Candidates_of_another_generation_are_ignored_and_early_ones_kept()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        SessionDescription offer = await caller.Peer.CreateOfferAsync(cancel: Cancel);
        await answerer.Peer.AddCandidateAsync(new("candidate:early", "0", "gen0"), Cancel);
        await answerer.Peer.AddCandidateAsync(new("candidate:stale", "0", "old"), Cancel);
        await answerer.Peer.AcceptOfferAsync(offer, Cancel);
        await answerer.Peer.AddCandidateAsync(new("candidate:late", "0"), Cancel);
        await answerer.Peer.AddCandidateAsync(new("candidate:stale", "0", "gen7"), Cancel);
        Assert.Equal(["candidate:early", "candidate:late"], answerer.Ice.RemoteCandidates);

        caller.Ice.Gather("candidate:ours");
        Assert.True(caller.Candidates.TryTake(out TrickledCandidate? told, 10_000, Cancel));
        Assert.Equal(new TrickledCandidate("candidate:ours", "0", "gen0"), told);
        Assert.Contains("a=candidate:ours\r\n", (await caller.Peer.CreateOfferAsync(cancel: Cancel)).Sdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task States_follow_ICE_and_failures_name_cause_and_remedy()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        Assert.Equal(PeerState.Connecting, caller.Peer.State);
        caller.Ice.Become(IceState.Failed);
        Assert.Equal(PeerState.Failed, caller.Peer.State);
        Assert.Contains("TURN", caller.Peer.Failure, StringComparison.Ordinal);
        await caller.ConnectAsync();
        Assert.Null(caller.Peer.Failure);
        caller.Ice.Become(IceState.Disconnected);
        Assert.Equal(PeerState.Disconnected, caller.Peer.State);

        answerer.Ice.Become(IceState.Connected);
        await answerer.Dtls.Started.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        answerer.Dtls.Fail("the fingerprint is another");
        await answerer.ReachAsync(PeerState.Failed);
        Assert.Equal("DTLS failed: the fingerprint is another", answerer.Peer.Failure);
        caller.Dtls.End(new DtlsEnding(true, "closed"));
        Assert.Equal((PeerState.Closed, null), (caller.Peer.State, caller.Peer.Failure));
    }

    [Fact]
    public async Task Media_that_overtakes_the_end_of_the_handshake_is_kept_and_forged_packets_are_counted()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        await caller.ConnectAsync();
        List<byte[]> arrived = [];
        answerer.Peer.Channels[0].Link.Arrived += (packet, _) => arrived.Add(packet.ToArray());
        byte[] packet = new byte[100];
        MediaChannel from = caller.Peer.Channels[0];
        RtpPacket.WriteHeader(packet, from.Format.PayloadType, true, 1, 2, from.LocalSsrc);
        caller.Ice.Other = answerer.Ice;
        from.Link.Send(packet);
        Assert.Empty(arrived);

        await answerer.ConnectAsync();
        Assert.True(SpinWait.SpinUntil(() => answerer.Peer.GetStatistics().PacketsReceived == 1, TimeSpan.FromSeconds(10)));
        Assert.Equal(packet, Assert.Single(arrived));
        answerer.Ice.Inject(packet);
        answerer.Ice.Inject([200, 1, 2, 3]);
        Assert.Single(arrived);
        Assert.Equal((1, 2), (answerer.Peer.GetStatistics().PacketsReceived, answerer.Peer.GetStatistics().PacketsDiscarded));
    }

    [Fact]
    public async Task Replayed_corrupted_and_cut_packets_are_not_delivered_but_counted_and_the_call_goes_on()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        await ConnectAsync(caller, answerer);
        caller.Ice.Recorded = [];
        List<byte[]> arrived = [];
        answerer.Peer.Channels[0].Link.Arrived += (packet, _) => arrived.Add(packet.ToArray());
        MediaChannel from = caller.Peer.Channels[0];
        byte[] rtp = new byte[100];
        RtpPacket.WriteHeader(rtp, from.Format.PayloadType, true, 1, 2, from.LocalSsrc);
        byte[] rtcp = [0x80, 201, 0, 1, 0, 0, 0, 1];
        from.Link.Send(rtp);
        from.Link.Send(rtcp);
        Assert.Equal([rtp, rtcp], arrived);

        byte[][] heard = [.. caller.Ice.Recorded];
        foreach (byte[] datagram in heard)
        {
            answerer.Ice.Inject(datagram);  // replayed
            answerer.Ice.Inject(datagram.AsSpan(0, datagram.Length - 1));
            for (int at = 0; at < datagram.Length; at++)
            {
                byte[] corrupted = [.. datagram];
                corrupted[at] ^= 0x10;
                answerer.Ice.Inject(corrupted);
            }
        }

        Assert.Equal(2, arrived.Count);
        PeerStatistics statistics = answerer.Peer.GetStatistics();
        Assert.Equal(heard.Sum(datagram => datagram.Length + 2), statistics.PacketsDiscarded);
        DiscardedPackets reasons = statistics.Discarded!;
        Assert.Equal(statistics.PacketsDiscarded, reasons.Total);
        Assert.True(reasons.Replayed > heard.Length && reasons.Forged > 0, $"{reasons}");  // a corrupted copy of what was heard is mostly a replay, which is looked at first
        Assert.Equal((0, 0, 0, 0), (reasons.Strangers, reasons.StunRequests, reasons.StunResponses, reasons.Unexpected));
        RtpPacket.WriteHeader(rtp, from.Format.PayloadType, true, 2, 2, from.LocalSsrc);
        caller.Ice.Other = null;
        from.Link.Send(rtp);
        byte[] withheld = caller.Ice.Recorded[^1];
        withheld[50] ^= 1;
        answerer.Ice.Inject(withheld);
        Assert.Equal(reasons.Forged + 1, answerer.Peer.GetStatistics().Discarded!.Forged);
        withheld[50] ^= 1;
        answerer.Ice.Inject(withheld);
        Assert.Equal(3, arrived.Count);
        Assert.Equal(PeerState.Connected, answerer.Peer.State);
    }

    [Fact]
    public async Task Who_receives_early_media_may_wait_for_others_that_ask_the_peer()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        await caller.ConnectAsync();
        TaskCompletionSource<bool> answered = new();
        answerer.Peer.Channels[0].Link.Arrived += (_, _) =>
        {
            using ManualResetEventSlim asked = new();
            new Thread(() =>
            {
                answerer.Peer.GetStatistics();
                asked.Set();
            }).Start();
            answered.TrySetResult(asked.Wait(TimeSpan.FromSeconds(5), Cancel));
        };
        byte[] packet = new byte[100];
        MediaChannel from = caller.Peer.Channels[0];
        RtpPacket.WriteHeader(packet, from.Format.PayloadType, true, 1, 2, from.LocalSsrc);
        caller.Ice.Other = answerer.Ice;
        from.Link.Send(packet);
        await answerer.ConnectAsync();
        Assert.True(await answered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancel), "a lock of the peer was held while its media was delivered");
    }

    [Fact]
    public async Task Packets_are_sent_without_allocations()
    {
        await using FakeSide caller = new(Video), answerer = new(Video);
        await NegotiateAsync(caller, answerer);
        await ConnectAsync(caller, answerer);
        int arrived = 0;
        answerer.Peer.Channels[0].Link.Arrived += (_, _) => arrived++;
        MediaChannel from = caller.Peer.Channels[0];
        byte[] packet = new byte[1170];
        long before = 0;
        for (int i = 0; i < 1100; i++)
        {
            before = i == 100 ? GC.GetAllocatedBytesForCurrentThread() : before;
            RtpPacket.WriteHeader(packet, from.Format.PayloadType, true, (ushort)i, 2, from.LocalSsrc);
            from.Link.Send(packet);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1100, arrived);
        Assert.True(allocated < 1000, $"{allocated} bytes for 1000 packets sent and received");
    }

    private static async Task NegotiateAsync(FakeSide caller, FakeSide answerer) =>
        await caller.Peer.AcceptAnswerAsync(await answerer.Peer.AcceptOfferAsync(await caller.Peer.CreateOfferAsync(cancel: Cancel), Cancel), Cancel);

    private static async Task ConnectAsync(FakeSide caller, FakeSide answerer)
    {
        (caller.Ice.Other, answerer.Ice.Other) = (answerer.Ice, caller.Ice);
        await caller.ConnectAsync();
        await answerer.ConnectAsync();
    }
}
