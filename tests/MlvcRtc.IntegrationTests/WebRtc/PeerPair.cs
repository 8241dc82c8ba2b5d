using System.Net;
using System.Threading.Channels;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>Two peers on 127.0.0.1 and the signaling between them: method calls.</summary>
internal sealed class PeerPair : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _carriers = [];

    public PeerPair(IRtcPeerFactory caller, IRtcPeerFactory answerer, IReadOnlyList<MediaDescription>? callerMedia = null, IReadOnlyList<MediaDescription>? answererMedia = null)
    {
        Caller = new(caller, Options(callerMedia ?? [Offers.Video(), Offers.Audio()]));
        Answerer = new(answerer, Options(answererMedia ?? [Offers.Video(), Offers.Audio()]));
    }

    public PeerSide Caller { get; }

    public PeerSide Answerer { get; }

    /// <summary>What signaling does to a description on its way.</summary>
    public Func<SessionDescription, SessionDescription> OnTheWay { get; init; } = static description => description;

    public static RtcPeerOptions Options(IReadOnlyList<MediaDescription> media) =>
        new() { Media = media, IncludeLoopback = true, BindAddresses = [IPAddress.Loopback] };

    /// <summary>Offer and answer, then candidates as they come; returns when both sides are connected.</summary>
    public async Task ConnectAsync()
    {
        await NegotiateAsync();
        CarryCandidates();
        await Task.WhenAll(Caller.ReachAsync(PeerState.Connected), Answerer.ReachAsync(PeerState.Connected));
    }

    /// <returns>Offer and answer as they were sent.</returns>
    public async Task<(SessionDescription Offer, SessionDescription Answer)> NegotiateAsync(bool iceRestart = false)
    {
        SessionDescription offer = await Caller.Peer.CreateOfferAsync(iceRestart);
        SessionDescription answer = await Answerer.Peer.AcceptOfferAsync(OnTheWay(offer));
        await Caller.Peer.AcceptAnswerAsync(OnTheWay(answer));
        return (offer, answer);
    }

    /// <summary>From now on, and what was gathered before.</summary>
    public void CarryCandidates()
    {
        _carriers.Add(CarryAsync(Caller.Candidates, Answerer.Peer));
        _carriers.Add(CarryAsync(Answerer.Candidates, Caller.Peer));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_carriers);
        await Caller.DisposeAsync();
        await Answerer.DisposeAsync();
        _end.Dispose();
    }

    private async Task CarryAsync(ChannelReader<TrickledCandidate> from, IRtcPeer to)
    {
        try
        {
            await foreach (TrickledCandidate candidate in from.ReadAllAsync(_end.Token))
            {
                await to.AddCandidateAsync(candidate, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the pair is being disposed of
        }
    }
}
