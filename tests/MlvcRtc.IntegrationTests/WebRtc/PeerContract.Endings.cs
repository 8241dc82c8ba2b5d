using System.Diagnostics;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>How it ends.</summary>
public abstract partial class PeerContract
{
    [Theory]
    [InlineData(DescriptionKind.Offer)]
    [InlineData(DescriptionKind.Answer)]
    public async Task A_side_whose_fingerprint_is_not_the_announced_one_gets_no_media_and_the_reason_is_told(DescriptionKind forged)
    {
        await using PeerPair pair = new(Factory, AnsweringFactory)
        {
            OnTheWay = description => description.Kind == forged ? description with { Sdp = WithAnotherFingerprint(description.Sdp) } : description,
        };
        await pair.NegotiateAsync();
        PeerSide deceived = forged == DescriptionKind.Offer ? pair.Answerer : pair.Caller;
        Arrivals arrivals = new(deceived.Peer, deceived.Peer.Channels[0]);
        pair.CarryCandidates();

        await deceived.ReachFailedAsync();

        Assert.Equal(PeerState.Failed, deceived.Peer.State);
        Assert.Contains("fingerprint", deceived.Peer.Failure, StringComparison.Ordinal);
        Assert.Empty(arrivals.TakeAll());
        lock (deceived.History)
        {
            Assert.DoesNotContain(PeerState.Connected, deceived.History);
        }
    }

    [Fact]
    public async Task When_one_side_closes_both_are_closed()
    {
        await using PeerPair pair = await ConnectedPairAsync();

        await pair.Caller.DisposeAsync();

        Assert.Equal(PeerState.Closed, pair.Caller.Peer.State);
        await pair.Answerer.ReachAsync(PeerState.Closed);
        Assert.Null(pair.Answerer.Peer.Failure);
        MediaChannel channel = pair.Answerer.Peer.Channels[0];
        channel.Link.Send(TestPackets.Rtp(channel, 1));  // into the void, without an exception
    }

    [Fact]
    public async Task A_peer_that_never_called_closes_too()
    {
        await using PeerPair pair = Pair();
        await pair.Caller.Peer.CreateOfferAsync(cancel: Cancel);
        await pair.Caller.DisposeAsync();
        await pair.Caller.DisposeAsync();
        Assert.Equal(PeerState.Closed, pair.Caller.Peer.State);
    }

    [Fact]
    public async Task Closed_calls_leave_no_thread_and_no_socket_behind()
    {
        await (await ConnectedPairAsync()).DisposeAsync();  // what is made once per process
        int threads = OwnThreads(), sockets = Sockets();
        for (int call = 0; call < 5; call++)
        {
            await (await ConnectedPairAsync()).DisposeAsync();
        }

        Assert.True(SpinWait.SpinUntil(() => OwnThreads() <= threads && Sockets() <= sockets, PeerSide.Patience), $"threads {threads} -> {OwnThreads()}, sockets {sockets} -> {Sockets()}");
    }

    /// <summary>Threads outside the pool, whose number follows the load.</summary>
    private static int OwnThreads()
    {
        using Process self = Process.GetCurrentProcess();
        return self.Threads.Count - ThreadPool.ThreadCount;
    }

    private static int Sockets() =>
        OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Count(static file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true) : 0;

    private static string WithAnotherFingerprint(string sdp)
    {
        string line = Line(sdp, "a=fingerprint:");
        string forged = line[..^1] + (line[^1] == '0' ? '1' : '0');
        return sdp.Replace(line, forged, StringComparison.Ordinal);
    }
}
