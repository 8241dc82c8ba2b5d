using System.Threading.Channels;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>One peer under test, with all that it raises written down.</summary>
internal sealed class PeerSide : IAsyncDisposable
{
    /// <summary>For ICE and DTLS on a machine that does other things as well; reached by failures only.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<TrickledCandidate> _candidates = Channel.CreateUnbounded<TrickledCandidate>();
    private readonly Channel<PeerState> _states = Channel.CreateUnbounded<PeerState>();

    public PeerSide(IRtcPeerFactory factory, RtcPeerOptions options)
    {
        Peer = factory.Create(options);
        Peer.CandidateGathered += candidate => _candidates.Writer.TryWrite(candidate);
        Peer.StateChanged += state =>
        {
            lock (History)
            {
                History.Add(state);
            }

            _states.Writer.TryWrite(state);
        };
    }

    public IRtcPeer Peer { get; }

    /// <summary>Every state raised so far; lock it while the peer lives.</summary>
    public List<PeerState> History { get; } = [];

    /// <summary>Candidates to be sent to the other side, in the order in which they were gathered.</summary>
    public ChannelReader<TrickledCandidate> Candidates => _candidates.Reader;

    /// <summary>Waits until the peer raises a state.</summary>
    /// <exception cref="InvalidOperationException">It failed instead.</exception>
    public async Task ReachAsync(PeerState wanted)
    {
        using CancellationTokenSource patience = new(Patience);
        for (PeerState state = Peer.State; state != wanted; state = await _states.Reader.ReadAsync(patience.Token))
        {
            if (state == PeerState.Failed)
            {
                throw new InvalidOperationException($"{Peer.Name} failed while {wanted} was awaited: {Peer.Failure}");
            }
        }
    }

    public async Task ReachFailedAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (Peer.State != PeerState.Failed)
        {
            await _states.Reader.ReadAsync(patience.Token);
        }
    }

    public ValueTask DisposeAsync() => Peer.DisposeAsync();
}
