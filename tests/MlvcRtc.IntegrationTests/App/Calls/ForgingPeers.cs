using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>Peers that announce another certificate than they show: what a server in the middle would make of honest ones.</summary>
internal sealed class ForgingPeers(IRtcPeerFactory honest) : IRtcPeerFactory
{
    public string Name => honest.Name;

    public IRtcPeer Create(RtcPeerOptions options) => new Forging(honest.Create(options));

    private sealed class Forging(IRtcPeer peer) : IRtcPeer
    {
        public event Action<PeerState>? StateChanged
        {
            add => peer.StateChanged += value;
            remove => peer.StateChanged -= value;
        }

        public event Action<TrickledCandidate>? CandidateGathered
        {
            add => peer.CandidateGathered += value;
            remove => peer.CandidateGathered -= value;
        }

        public string Name => peer.Name;

        public PeerState State => peer.State;

        public string? Failure => peer.Failure;

        public IReadOnlyList<MediaChannel> Channels => peer.Channels;

        public IReadOnlyList<IceServer> IceServers
        {
            get => peer.IceServers;
            set => peer.IceServers = value;
        }

        public async ValueTask<SessionDescription> CreateOfferAsync(bool iceRestart = false, CancellationToken cancel = default) => Forged(await peer.CreateOfferAsync(iceRestart, cancel));

        public async ValueTask<SessionDescription> AcceptOfferAsync(SessionDescription offer, CancellationToken cancel = default) => Forged(await peer.AcceptOfferAsync(offer, cancel));

        public ValueTask AcceptAnswerAsync(SessionDescription answer, CancellationToken cancel = default) => peer.AcceptAnswerAsync(answer, cancel);

        public ValueTask AddCandidateAsync(TrickledCandidate candidate, CancellationToken cancel = default) => peer.AddCandidateAsync(candidate, cancel);

        public PeerStatistics GetStatistics() => peer.GetStatistics();

        public ValueTask DisposeAsync() => peer.DisposeAsync();

        private static SessionDescription Forged(SessionDescription honest)
        {
            int end = honest.Sdp.IndexOf('\r', honest.Sdp.IndexOf("a=fingerprint:", StringComparison.Ordinal)) - 1;
            char other = honest.Sdp[end] == '0' ? '1' : '0';
            return honest with { Sdp = honest.Sdp[..end] + other + honest.Sdp[(end + 1)..] };
        }
    }
}
