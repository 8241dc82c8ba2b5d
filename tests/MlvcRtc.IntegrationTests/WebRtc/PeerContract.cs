using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Real sockets and real time: alone, so that other tests neither starve the handshakes nor add threads to be counted.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PeerTests
{
    public const string Name = "Peers on 127.0.0.1";
}

/// <summary>
/// What every implementation of <see cref="IRtcPeer"/> does, told by two of its peers that call each other on 127.0.0.1. Here: how they find each other. A line that a library
/// cannot hold is skipped with its reason by the subclass, never weakened for all.
/// </summary>
[Collection(PeerTests.Name)]
public abstract partial class PeerContract
{
    protected abstract IRtcPeerFactory Factory { get; }

    /// <summary>The side that answers; differs in tests of two implementations with each other.</summary>
    protected virtual IRtcPeerFactory AnsweringFactory => Factory;

    /// <summary>Why this side cannot begin an ICE restart that the other can follow; null = it can.</summary>
    protected virtual string? WhyNoIceRestart => null;

    /// <summary>Why the answer to an ICE restart has the credentials of before; null = it has fresh ones.</summary>
    protected virtual string? WhyAnswererKeepsCredentials => null;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_sides_reach_connected_after_offer_and_answer()
    {
        await using PeerPair pair = Pair();
        Assert.Equal(PeerState.New, pair.Caller.Peer.State);
        Assert.Empty(pair.Caller.Peer.Channels);

        await pair.ConnectAsync();

        Assert.Equal(PeerState.Connected, pair.Caller.Peer.State);
        Assert.Equal(PeerState.Connected, pair.Answerer.Peer.State);
        Assert.Null(pair.Caller.Peer.Failure);
        lock (pair.Caller.History)
        {
            Assert.Equal([PeerState.Connecting, PeerState.Connected], pair.Caller.History);
        }
    }

    [Fact]
    public async Task Candidates_that_come_after_both_descriptions_connect_the_sides()
    {
        await using PeerPair pair = new(Factory, AnsweringFactory) { OnTheWay = static description => description with { Sdp = WithoutLines(description.Sdp, "a=candidate", "a=end-of-candidates") } };
        await pair.NegotiateAsync();
        Assert.NotEqual(PeerState.Connected, pair.Caller.Peer.State);
        Assert.NotEqual(PeerState.Connected, pair.Answerer.Peer.State);

        pair.CarryCandidates();

        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
    }

    [Fact]
    public async Task A_candidate_that_makes_no_sense_disturbs_nothing()
    {
        await using PeerPair pair = Pair();
        await pair.NegotiateAsync();
        foreach (string nonsense in (string[])["candidate:", "candidate:1 1 udp 99999999999 127.0.0.1 70000 typ host", "candidate:1 1 tcp 1 127.0.0.1 9 typ host", "garbage", new string('x', 5000)])
        {
            await pair.Caller.Peer.AddCandidateAsync(new TrickledCandidate(nonsense), Cancel);
            await pair.Answerer.Peer.AddCandidateAsync(new TrickledCandidate(nonsense), Cancel);
        }

        pair.CarryCandidates();

        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
    }

    [Fact]
    public async Task When_offers_collide_the_side_that_accepts_the_others_withdraws_its_own()
    {
        await using PeerPair pair = Pair();
        SessionDescription kept = await pair.Caller.Peer.CreateOfferAsync(cancel: Cancel);
        _ = await pair.Answerer.Peer.CreateOfferAsync(cancel: Cancel);

        SessionDescription answer = await pair.Answerer.Peer.AcceptOfferAsync(kept, Cancel);
        await pair.Caller.Peer.AcceptAnswerAsync(answer, Cancel);
        pair.CarryCandidates();

        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
        await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, static channel => TestPackets.Rtp(channel, 1));
        await ArrivesUnchangedAsync(pair.Answerer, pair.Caller, static channel => TestPackets.Rtp(channel, 1));
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_is_refused()
    {
        await using PeerPair pair = Pair();
        (_, SessionDescription answer) = await pair.NegotiateAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Caller.Peer.AcceptAnswerAsync(answer, Cancel));
    }

    [Fact]
    public async Task An_ICE_restart_has_fresh_credentials_and_keeps_media_going()
    {
        Assert.SkipWhen(WhyNoIceRestart is not null, WhyNoIceRestart ?? "");
        await using PeerPair pair = Pair();
        (SessionDescription firstOffer, SessionDescription firstAnswer) = await pair.NegotiateAsync();
        pair.CarryCandidates();
        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
        IReadOnlyList<MediaChannel> channels = pair.Answerer.Peer.Channels;
        Arrivals arrivals = new(pair.Answerer.Peer, channels[0]);
        Task<TimeSpan> media = LongestSilenceAsync(pair.Caller.Peer.Channels[0], arrivals, until: () => IsSelectedAnew(pair.Caller.Peer) && (WhyAnswererKeepsCredentials is not null || IsSelectedAnew(pair.Answerer.Peer)));

        (SessionDescription secondOffer, SessionDescription secondAnswer) = await pair.NegotiateAsync(iceRestart: true);
        TimeSpan silence = await media;

        Assert.NotEqual(Line(firstOffer.Sdp, "a=ice-ufrag:"), Line(secondOffer.Sdp, "a=ice-ufrag:"));
        Assert.Equal(WhyAnswererKeepsCredentials is not null, Line(firstAnswer.Sdp, "a=ice-ufrag:") == Line(secondAnswer.Sdp, "a=ice-ufrag:"));
        Assert.True(silence < TimeSpan.FromSeconds(1), $"nothing arrived for {silence.TotalMilliseconds:F0} ms");
        Assert.Same(channels[0], pair.Answerer.Peer.Channels[0]);
        await ArrivesUnchangedAsync(pair.Answerer, pair.Caller, static channel => TestPackets.Rtp(channel, 1));
    }

    private static bool IsSelectedAnew(IRtcPeer peer) => peer.GetStatistics().SelectedCandidatePairChanges >= 2;

    /// <summary>Sends one packet after the other, the next when one has arrived or 100 ms have passed.</summary>
    private static async Task<TimeSpan> LongestSilenceAsync(MediaChannel from, Arrivals to, Func<bool> until)
    {
        TimeSpan longest = TimeSpan.Zero;
        long begin = TimeProvider.System.GetTimestamp(), last = begin;
        for (ushort number = 1000; !until(); number++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < PeerSide.Patience, "no path was selected anew");
            from.Link.Send(TestPackets.Rtp(from, number));
            try
            {
                await to.NextAsync(TestPackets.IsRtp, within: TimeSpan.FromMilliseconds(100));
                last = TimeProvider.System.GetTimestamp();
            }
            catch (OperationCanceledException)
            {
                TimeSpan silence = TimeProvider.System.GetElapsedTime(last);  // the next one tells how long it lasts
                longest = silence > longest ? silence : longest;
            }
        }

        return longest;
    }

    private PeerPair Pair(IReadOnlyList<MediaDescription>? caller = null, IReadOnlyList<MediaDescription>? answerer = null) => new(Factory, AnsweringFactory, caller, answerer);

    private async Task<PeerPair> ConnectedPairAsync(IReadOnlyList<MediaDescription>? caller = null, IReadOnlyList<MediaDescription>? answerer = null)
    {
        PeerPair pair = Pair(caller, answerer);
        await pair.ConnectAsync();
        return pair;
    }

    private static string WithoutLines(string sdp, params string[] starts) =>
        string.Concat(sdp.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(line => !starts.Any(start => line.StartsWith(start, StringComparison.Ordinal))).Select(line => line + "\r\n"));

    private static string Line(string sdp, string start) => sdp.Split("\r\n").First(line => line.StartsWith(start, StringComparison.Ordinal));
}
