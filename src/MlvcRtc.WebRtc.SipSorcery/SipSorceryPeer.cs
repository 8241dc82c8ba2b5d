using System.Security.Cryptography;
using MlvcRtc.WebRtc.BuiltIn;

namespace MlvcRtc.WebRtc.SipSorcery;

/// <summary>
/// A peer whose ICE, DTLS and SRTP are SIPSorcery's. The library cannot change its ICE credentials, so an ICE restart that begins here makes a new connection with a certificate of its
/// own (RFC 8842 §4), and media moves over when it stands: the other side must be able to do that, as this class is. One that begins at the other side keeps ours.
/// </summary>
public sealed class SipSorceryPeer : IRtcPeer
{
    /// <summary>Candidates that come before their description; an agent tells far fewer. Stops floods.</summary>
    private const int MaxEarlyCandidates = 64;

    private readonly TimeProvider _time;
    private readonly RtcPeerOptions _options;
    private readonly Negotiation _negotiation;
    private readonly string _canonicalName = Convert.ToBase64String(RandomNumberGenerator.GetBytes(12));  // RFC 7022 §4.2: 96 random bits
    private readonly TransportCounters _counters = new();
    private readonly Lock _negotiating = new();
    private readonly Lock _states = new();
    private readonly List<TrickledCandidate> _early = [];
    private ChannelBundle? _bundle;
    private SipSorceryConnection? _current;  // carries media, or will
    private SipSorceryConnection? _next;     // takes over once it is connected
    private SipSorceryConnection? _offered;  // named by our unanswered offer

    internal SipSorceryPeer(RtcPeerOptions options, TimeProvider time, string name)
    {
        (_options, _time, Name, IceServers) = (options, time, name, options.IceServers);
        _negotiation = BuiltInPeerFactory.NewNegotiation(options.Media, allowsNewCertificate: true);
    }

    public event Action<PeerState>? StateChanged;

    public event Action<TrickledCandidate>? CandidateGathered;

    public string Name { get; }
    public PeerState State { get; private set; }
    public string? Failure { get; private set; }
    public IReadOnlyList<MediaChannel> Channels => _bundle?.Channels ?? [];
    public IReadOnlyList<IceServer> IceServers { get; set; }
    private bool Flows => State is PeerState.Connected or PeerState.Disconnected;

    public ValueTask<SessionDescription> CreateOfferAsync(bool iceRestart = false, CancellationToken cancel = default) => InTurnAsync(DescriptionKind.Offer, () =>
    {
        ObjectDisposedException.ThrowIf(State == PeerState.Closed, this);
        _offered = iceRestart ? NewConnection() : _offered ?? _next ?? _current ?? NewConnection();
        return _negotiation.CreateOffer(Local(_offered));
    }, cancel);

    public ValueTask<SessionDescription> AcceptOfferAsync(SessionDescription offer, CancellationToken cancel = default) => InTurnAsync(DescriptionKind.Answer, () =>
    {
        ArgumentNullException.ThrowIfNull(offer);
        ObjectDisposedException.ThrowIf(State == PeerState.Closed, this);
        RemoteTransport? before = _negotiation.Remote;
        _negotiation.AcceptOffer(offer.Sdp);
        if (_negotiation.Remote is not { } remote)
        {
            return _negotiation.RejectAll();
        }
        bool known = before?.Fingerprint.Sha256.Span.SequenceEqual(remote.Fingerprint.Sha256.Span) == true;
        SipSorceryConnection connection = known ? _next ?? _current! : _current is null && _offered is { } withdrawn ? withdrawn : NewConnection();
        Use(connection, remote, offerer: false);
        return _negotiation.CreateAnswer(Local(connection));
    }, cancel);

    public async ValueTask AcceptAnswerAsync(SessionDescription answer, CancellationToken cancel = default) => await InTurnAsync(DescriptionKind.Answer, () =>
    {
        ArgumentNullException.ThrowIfNull(answer);
        ObjectDisposedException.ThrowIf(State == PeerState.Closed, this);
        SipSorceryConnection connection = _offered ?? throw new InvalidOperationException("No offer of ours awaits an answer.");
        _negotiation.AcceptAnswer(answer.Sdp);
        if (_negotiation.Remote is { } remote)
        {
            Use(connection, remote, offerer: true);
        }
        return answer.Sdp;
    }, cancel).ConfigureAwait(false);

    public async ValueTask AddCandidateAsync(TrickledCandidate candidate, CancellationToken cancel = default) => await InTurnAsync(DescriptionKind.Offer, () =>
    {
        ArgumentNullException.ThrowIfNull(candidate);
        if (State != PeerState.Closed && candidate.Candidate.Length > 0 && !TryAdd(candidate) && _early.Count < MaxEarlyCandidates)
        {
            _early.Add(candidate);
        }
        return candidate.Candidate;
    }, cancel).ConfigureAwait(false);

    public PeerStatistics GetStatistics() => _current?.GetStatistics() ?? _counters.With(null, null, null);

    public async ValueTask DisposeAsync()
    {
        Enter(null, PeerState.Closed, null);  // from now on no step makes a connection
        await InTurnAsync(DescriptionKind.Offer, () =>
        {
            _offered?.Dispose();
            _next?.Dispose();
            _current?.Dispose();
            return string.Empty;
        }, CancellationToken.None).ConfigureAwait(false);
    }

    private LocalTransport Local(SipSorceryConnection connection) => new(connection.Credentials, connection.Fingerprint, connection.Candidates, false, _canonicalName);

    private SipSorceryConnection NewConnection()
    {
        (_offered == _current || _offered == _next ? null : _offered)?.Dispose();
        SipSorceryConnection connection = new(_options with { IceServers = IceServers }, _counters, _time);
        connection.StateChanged += (state, reason) => Enter(connection, state, reason);
        connection.Arrived += (packet, arrival) => (Flows ? _bundle : null)?.Deliver(packet, arrival);
        connection.CandidateGathered += candidate => CandidateGathered?.Invoke(new(candidate, UsernameFragment: connection.Credentials.UsernameFragment));
        connection.TellCandidates();
        return connection;
    }

    private void Use(SipSorceryConnection connection, RemoteTransport remote, bool offerer)
    {
        _offered = null;
        _bundle ??= new(packet => (Flows ? _current : null)?.Send(packet));
        _bundle.Agree(_negotiation.Slots, _canonicalName);
        if (connection == _current || connection == _next)
        {
            connection.Renew(remote.Ice);
        }
        else
        {
            lock (_states)
            {
                (_current, _next) = _current is null ? (connection, null) : (_current, connection);
            }
            connection.Start(remote, offerer, _negotiation.Role!.Value);
        }
        remote.Candidates.ToList().ForEach(connection.AddCandidate);
        _early.RemoveAll(TryAdd);
    }

    /// <returns>False while the description that it belongs to is not known.</returns>
    private bool TryAdd(TrickledCandidate candidate)
    {
        if (_negotiation.Remote is not { } remote || (candidate.UsernameFragment is { } generation && generation != remote.Ice.UsernameFragment))
        {
            return false;
        }
        (_next ?? _current)!.AddCandidate(candidate.Candidate);
        return true;
    }

    /// <param name="connection">Null: the peer itself is closed.</param>
    private void Enter(SipSorceryConnection? connection, PeerState state, string? reason)
    {
        SipSorceryConnection? retired = null;
        bool same, ended = state is PeerState.Failed or PeerState.Closed;
        lock (_states)
        {
            if (connection is not null && connection == _next && (ended || state == PeerState.Connected))
            {
                (retired, _current) = ended ? (_next, _current) : (_current, _next);
                _next = null;
                (state, reason) = State == PeerState.Connected ? (State, null) : (state, reason);  // if it ended, the old path may still carry
            }
            else if (connection is not null && (connection != _current || (ended && (_next is not null || State == PeerState.Failed))))
            {
                return;  // the end of the old connection is no end while the new one tries
            }

            same = State == PeerState.Closed || State == state;
            (State, Failure) = same ? (State, Failure) : (state, reason);
        }

        retired?.Dispose();
        (same ? null : StateChanged)?.Invoke(state);
    }

    /// <summary>One step of negotiation at a time, and none on the caller's thread: the library blocks.</summary>
    private async ValueTask<SessionDescription> InTurnAsync(DescriptionKind kind, Func<string> step, CancellationToken cancel)
    {
        return new(kind, await Task.Run(Step, cancel).ConfigureAwait(false));

        string Step()
        {
            lock (_negotiating)
            {
                return step();
            }
        }
    }
}
