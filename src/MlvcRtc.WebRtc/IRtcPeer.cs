namespace MlvcRtc.WebRtc;

/// <summary>
/// One end of a WebRTC connection: offer and answer, ICE, DTLS, SRTP; the seam behind which implementations are exchanged. All
/// m-lines share one transport (BUNDLE, rtcp-mux). Every implementation passes the same contract tests. Members may be called from any thread; events are
/// raised on the peer's own threads and must not block.
/// </summary>
public interface IRtcPeer : IAsyncDisposable
{
    /// <summary>Which implementation this is, for logs: "built-in", "SIPSorcery 10.0.16".</summary>
    string Name { get; }

    PeerState State { get; }

    event Action<PeerState>? StateChanged;

    /// <summary>A candidate to be sent to the other side; an empty one ends the generation.</summary>
    event Action<TrickledCandidate>? CandidateGathered;

    /// <summary>Why <see cref="State"/> is <see cref="PeerState.Failed"/>, with the remedy; else null.</summary>
    string? Failure { get; }

    /// <summary>What was agreed, in the order of the m-lines; empty until both descriptions are known, without those that were rejected. Stays the same objects over an ICE restart.</summary>
    IReadOnlyList<MediaChannel> Channels { get; }

    /// <summary>
    /// As in <see cref="RtcPeerOptions.IceServers"/>. A new list (fresh TURN credentials) is used from the next gathering on, which an ICE restart begins on both sides (W3C webrtc-pc
    /// setConfiguration).
    /// </summary>
    IReadOnlyList<IceServer> IceServers { get; set; }

    /// <summary>Makes an offer, takes it as the local description and starts gathering.</summary>
    /// <param name="iceRestart">With fresh ICE credentials (RFC 8445 §9), so that both sides look for a path anew; media keeps its keys and goes on.</param>
    /// <exception cref="InvalidOperationException">The other side's offer is still unanswered.</exception>
    ValueTask<SessionDescription> CreateOfferAsync(bool iceRestart = false, CancellationToken cancel = default);

    /// <summary>Takes an offer and answers it. An own offer that is still unanswered is withdrawn (rollback, RFC 9429 §4.1.10.2): who of two colliding sides does so is the signaling's business.</summary>
    /// <exception cref="FormatException">The description is malformed or lacks what we need (BUNDLE, rtcp-mux, a fingerprint); the message names the line.</exception>
    ValueTask<SessionDescription> AcceptOfferAsync(SessionDescription offer, CancellationToken cancel = default);

    /// <summary>Takes the answer to our offer.</summary>
    /// <exception cref="FormatException">As for an offer.</exception>
    /// <exception cref="InvalidOperationException">No offer of ours awaits an answer.</exception>
    ValueTask AcceptAnswerAsync(SessionDescription answer, CancellationToken cancel = default);

    /// <summary>Adds a candidate of the other side. Malformed ones, those of another generation and those of unsupported transports are counted and ignored.</summary>
    ValueTask AddCandidateAsync(TrickledCandidate candidate, CancellationToken cancel = default);

    /// <summary>A snapshot.</summary>
    PeerStatistics GetStatistics();
}
