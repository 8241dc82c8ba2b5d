using System.Threading.Channels;
using MlvcRtc.App.Calls;
using MlvcRtc.IntegrationTests.WebRtc;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.BuiltIn;
using Negotiation = MlvcRtc.App.Calls.Negotiation;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>Two sides of a call that both make offers at the same time (glare), with real peers over 127.0.0.1; the messages between them pass when the test lets them.</summary>
public sealed class NegotiationTests : IAsyncLifetime
{
    private readonly Channel<(bool ToPolite, NumberedMessage Message)> _wire = Channel.CreateUnbounded<(bool, NumberedMessage)>();
    private readonly List<string> _passed = [];
    private PeerSide _polite = null!, _impolite = null!;
    private Negotiation _politeSays = null!, _impoliteSays = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        BuiltInPeerFactory factory = new(TimeProvider.System);
        RtcPeerOptions options = new() { Media = [Offers.Video(), Offers.Audio()], IncludeLoopback = true, BindAddresses = [System.Net.IPAddress.Loopback] };
        (_polite, _impolite) = (new(factory, options), new(factory, options));
        _politeSays = new(_polite.Peer, polite: true, message => _wire.Writer.TryWrite((false, message)));
        _impoliteSays = new(_impolite.Peer, polite: false, message => _wire.Writer.TryWrite((true, message)));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _politeSays.Dispose();
        _impoliteSays.Dispose();
        await _polite.DisposeAsync();
        await _impolite.DisposeAsync();
    }

    [Fact]
    public async Task Two_first_offers_that_cross_end_in_one_connection_by_the_impolite_sides_offer()
    {
        await _politeSays.StartAsync(restart: false, Cancel);
        await _impoliteSays.StartAsync(restart: false, Cancel);
        await _politeSays.RestartAsync(Cancel);  // an offer of its own, made before the other's is read
        await PassUntilAsync(() => AreConnected(1));

        Assert.Equal(["offer from impolite", "offer from polite", "answer from polite"], _passed);
        await HearEachOtherAsync();
    }

    [Fact]
    public async Task Two_searches_for_a_new_path_that_cross_end_in_one_new_path_and_media_goes_on()
    {
        await _politeSays.StartAsync(restart: false, Cancel);
        await _impoliteSays.StartAsync(restart: false, Cancel);
        await PassUntilAsync(() => AreConnected(1));
        _passed.Clear();

        await Task.WhenAll(_politeSays.RestartAsync(Cancel), _impoliteSays.RestartAsync(Cancel));
        await PassUntilAsync(() => AreConnected(2));

        Assert.Equal(1, _passed.Count(passed => passed == "answer from polite"));
        Assert.Equal(0, _passed.Count(passed => passed == "answer from impolite"));
        await HearEachOtherAsync();
    }

    [Fact]
    public async Task A_wish_for_another_path_during_a_search_is_kept_until_the_search_has_its_answer()
    {
        await _politeSays.StartAsync(restart: false, Cancel);
        await _impoliteSays.StartAsync(restart: false, Cancel);
        await _impoliteSays.RestartAsync(Cancel);  // while the first offer awaits its answer
        await PassUntilAsync(() => AreConnected(1) && _passed.Count(passed => passed == "answer from polite") == 2);

        Assert.Equal(["offer from impolite", "answer from polite", "offer from impolite", "answer from polite"], _passed);
        await HearEachOtherAsync();
    }

    private bool AreConnected(int paths) =>
        _polite.Peer.State == PeerState.Connected && _impolite.Peer.State == PeerState.Connected
        && _polite.Peer.GetStatistics().SelectedCandidatePairChanges >= paths && _impolite.Peer.GetStatistics().SelectedCandidatePairChanges >= paths;

    /// <summary>Lets messages pass, in the order in which they were sent, one at a time.</summary>
    private async Task PassUntilAsync(Func<bool> done)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(PeerSide.Patience);
        using PeriodicTimer look = new(TimeSpan.FromMilliseconds(20));
        while (!done())
        {
            if (!_wire.Reader.TryRead(out (bool ToPolite, NumberedMessage Message) next))
            {
                await look.WaitForNextTickAsync(patience.Token);
                continue;
            }

            string from = next.ToPolite ? "impolite" : "polite";
            string? kind = next.Message switch
            {
                Offer => "offer",
                Answer => "answer",
                _ => null,
            };
            if (kind is not null)
            {
                _passed.Add($"{kind} from {from}");
            }

            await (next.ToPolite ? _politeSays : _impoliteSays).TakeAsync(next.Message, Cancel);
        }
    }

    private async Task HearEachOtherAsync()
    {
        foreach ((PeerSide from, PeerSide to) in ((PeerSide, PeerSide)[])[(_polite, _impolite), (_impolite, _polite)])
        {
            Arrivals arrivals = new(to.Peer, to.Peer.Channels[0]);
            byte[] sent = TestPackets.Rtp(from.Peer.Channels[0], 1);
            from.Peer.Channels[0].Link.Send(sent);
            Assert.Equal(sent, await arrivals.NextAsync(TestPackets.IsRtp));
        }
    }
}
