using MlvcRtc.WebRtc.Dtls;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>
/// The peer that restores everywhere: ICE, DTLS and SRTP of this assembly joined.
/// <code>
/// offer, answer ─► Negotiation ─► credentials, fingerprint ─► IIceTransport ─ connected ─► IDtlsEndpoint ─ keys ─► MediaTransport ─► ChannelLink (MediaChannel.Link)
/// </code>
/// The pipelines of Call run over a channel so: <c>SendOptions(new RtpStreamSettings(channel.LocalSsrc, channel.Format.PayloadType, TransportSequenceId: id), ...)</c> with
/// <c>id = MlvcMedia.TransportSequenceIdOf(channel)</c> (no congestion control without), <c>Tools: MlvcMedia.ToolsOf(channel)</c>;
/// <c>ReceiveOptions(channel.LocalSsrc, channel.RemoteSsrc, channel.Format.PayloadType, tools, TransportSequenceId: id)</c>; both over <c>channel.Link</c>.
/// </summary>
public sealed class BuiltInPeer : IRtcPeer
{
    /// <summary>Candidates that overtook their description; more than an agent keeps are of no use.</summary>
    private const int MaxEarlyCandidates = SdpLimits.MaxCandidates;

    private readonly IIceTransport _ice;
    private readonly IDtlsEndpoint _dtls;
    private readonly Fingerprint _fingerprint;
    private readonly IDisposable? _certificate;
    private readonly string _canonicalName;
    private readonly Negotiation _negotiation;
    private readonly MediaTransport _transport;
    private readonly EventQueue _events = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _guard = new();
    private readonly List<TrickledCandidate> _early = [];
    private DtlsOutcome? _keys;
    private Task _handshake = Task.CompletedTask;
    private string? _dtlsFailure;
    private IceState _iceState;
    private List<string> _candidates = [];
    private List<string> _candidatesBefore = [];  // the last restart
    private bool _candidatesEnded;
    private bool _candidatesEndedBefore;
    private bool _gathers;
    private bool _restarts;  // our unanswered offer has fresh credentials
    private bool _handshakes;
    private bool _opened;
    private bool _closed;
    private bool _disposed;

    /// <param name="own">SHA-256 of the certificate that <paramref name="dtls"/> shows.</param>
    /// <param name="certificate">Disposed of with the peer.</param>
    internal BuiltInPeer(Negotiation negotiation, IIceTransport ice, IDtlsEndpoint dtls, Fingerprint own, IDisposable? certificate, string canonicalName)
    {
        _negotiation = negotiation;
        _ice = ice;
        _dtls = dtls;
        _fingerprint = own;
        _certificate = certificate;
        _canonicalName = canonicalName;
        _transport = new MediaTransport(ice, dtls);
        _ice.CandidateGathered += OnCandidate;
        _ice.StateChanged += OnIceState;
        _dtls.Ended += OnDtlsEnded;
    }

    public event Action<PeerState>? StateChanged;

    public event Action<TrickledCandidate>? CandidateGathered;

    public string Name => BuiltInPeerFactory.ImplementationName;

    public PeerState State { get; private set; }

    public string? Failure { get; private set; }

    public IReadOnlyList<MediaChannel> Channels => _transport.Bundle.Channels;

    public IReadOnlyList<IceServer> IceServers
    {
        get => _ice.IceServers;
        set => _ice.IceServers = value;
    }

    public ValueTask<SessionDescription> CreateOfferAsync(bool iceRestart = false, CancellationToken cancel = default)
    {
        lock (_guard)
        {
            ThrowIfClosed();
            if (iceRestart && _gathers && !_restarts)
            {
                Restart();
                _restarts = true;
            }

            SessionDescription offer = new(DescriptionKind.Offer, _negotiation.CreateOffer(Transport()));
            Gather();
            return ValueTask.FromResult(offer);
        }
    }

    public ValueTask<SessionDescription> AcceptOfferAsync(SessionDescription offer, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(offer);
        lock (_guard)
        {
            ThrowIfClosed();
            IceCredentials? before = _negotiation.Remote?.Ice;
            _negotiation.AcceptOffer(offer.Sdp);
            bool theyRestart = before is not null && before != _negotiation.Remote!.Ice;
            if (theyRestart && !_restarts)
            {
                Restart();
            }
            else if (_restarts && !theyRestart && _ice.TryUndoRestart())
            {
                // Our offer is withdrawn, and an answer must not restart what its offer did not (RFC 9429 §4.1.10.2, RFC 8839 §4.4.3).
                (_candidates, _candidatesEnded, _gathers) = (_candidatesBefore, _candidatesEndedBefore, true);
            }

            TakeRemote();
            SessionDescription answer = new(DescriptionKind.Answer, _negotiation.CreateAnswer(Transport()));
            Gather();
            return ValueTask.FromResult(answer);
        }
    }

    public ValueTask AcceptAnswerAsync(SessionDescription answer, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(answer);
        lock (_guard)
        {
            ThrowIfClosed();
            if (_negotiation.Offered is null)
            {
                throw new InvalidOperationException("An answer came, but no offer of ours awaits one: it was answered before, or withdrawn for an offer of the other side.");
            }

            _negotiation.AcceptAnswer(answer.Sdp);
            TakeRemote();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask AddCandidateAsync(TrickledCandidate candidate, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        lock (_guard)
        {
            if (_negotiation.Remote is not null)
            {
                AddRemote(candidate);
            }
            else if (_early.Count < MaxEarlyCandidates)
            {
                _early.Add(candidate);
            }
        }

        return ValueTask.CompletedTask;
    }

    public PeerStatistics GetStatistics()
    {
        SelectedPath? path = _ice.Selected;
        DiscardedPackets discarded = _ice.Discarded.Plus(_transport.Discarded);
        lock (_guard)
        {
            return new(
                _transport.PacketsSent,
                _transport.BytesSent,
                _transport.PacketsReceived,
                _transport.BytesReceived,
                discarded.Total,
                path?.RoundTripTime,
                path?.LocalType,
                path?.RemoteType,
                path?.Changes ?? 0,
                _keys?.CipherSuite,
                _keys?.Profile switch
                {
                    Srtp.SrtpProfile.Aes128CmHmacSha1Tag80 => "SRTP_AES128_CM_HMAC_SHA1_80",
                    Srtp.SrtpProfile.AeadAes128Gcm => "SRTP_AEAD_AES_128_GCM",
                    _ => null,
                })
            {
                Discarded = discarded,
            };
        }
    }

    /// <summary>Says goodbye (DTLS close_notify) and ends threads and sockets. Not to be awaited inside an event of this peer or its links.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_guard)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _closed = true;
            Update();
        }

        await _end.CancelAsync().ConfigureAwait(false);
        _dtls.Dispose();  // while ICE still carries its goodbye
        await _handshake.ConfigureAwait(false);
        await _ice.DisposeAsync().ConfigureAwait(false);
        _transport.Dispose();
        _events.Complete();
        _certificate?.Dispose();
        _end.Dispose();
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_closed)
        {
            throw new InvalidOperationException("The other side has ended the call; a new call needs a new peer.");
        }
    }

    private LocalTransport Transport() => new(_ice.Local, _fingerprint, [.. _candidates], _candidatesEnded, _canonicalName);

    private void Gather()
    {
        if (!_gathers)
        {
            _gathers = true;
            _ice.StartGathering();
        }
    }

    private void Restart()
    {
        _ice.Restart();
        (_candidatesBefore, _candidatesEndedBefore) = (_candidates, _candidatesEnded);
        _candidates = [];
        _candidatesEnded = false;
        _gathers = false;
    }

    // After either description of the other side: the transport follows it, the channels are those that both agreed on.
    private void TakeRemote()
    {
        _restarts = false;
        if (_negotiation.Remote is not { } remote)
        {
            return;  // nothing in common: there is nothing to connect
        }

        _ice.SetRemote(remote.Ice, controlling: remote.Lite || _negotiation.FirstOfferIsOurs);
        foreach (string candidate in remote.Candidates)
        {
            _ice.AddRemoteCandidate(candidate);
        }

        _early.ForEach(AddRemote);
        _early.Clear();
        if (remote.EndOfCandidates)
        {
            _ice.AddRemoteCandidate("");
        }

        _transport.Bundle.Agree(_negotiation.Slots, _canonicalName);
        Update();
    }

    private void AddRemote(TrickledCandidate candidate)
    {
        if (!_closed && candidate.Candidate.Length <= SdpLimits.MaxCandidateLength
            && (candidate.UsernameFragment ?? _negotiation.Remote!.Ice.UsernameFragment) == _negotiation.Remote!.Ice.UsernameFragment)
        {
            _ice.AddRemoteCandidate(candidate.Candidate);
        }
    }

    private void OnCandidate(string candidate)
    {
        lock (_guard)
        {
            if (candidate.Length > 0)
            {
                _candidates.Add(candidate);
            }
            else
            {
                _candidatesEnded = true;
            }

            string mid = (_negotiation.Offered ?? _negotiation.Slots).FirstOrDefault(slot => slot.Own is not null)?.Mid ?? "0";
            TrickledCandidate told = new(candidate, mid, _ice.Local.UsernameFragment);
            _events.Add(() => CandidateGathered?.Invoke(told));
        }
    }

    private void OnIceState(IceState state)
    {
        lock (_guard)
        {
            _iceState = state;
            Update();
        }
    }

    private void OnDtlsEnded(DtlsEnding ending)
    {
        lock (_guard)
        {
            _closed |= ending.Goodbye;
            _dtlsFailure ??= ending.Goodbye ? null : "DTLS ended: " + ending.Reason;

            Update();
        }
    }

    private async Task HandshakeAsync(DtlsRole role, Fingerprint expected)
    {
        await Task.Yield();  // the caller holds the lock
        try
        {
            DtlsOutcome keys = await _dtls.HandshakeAsync(role, expected, _end.Token).ConfigureAwait(false);
            lock (_guard)
            {
                _keys = keys;
                Update();
            }
        }
        catch (Exception e) when (e is DtlsException or OperationCanceledException or ObjectDisposedException)
        {
            lock (_guard)
            {
                _dtlsFailure ??= e is DtlsException ? "DTLS failed: " + e.Message : "closed";
                Update();
            }
        }
    }

    // Works out the state from what ICE and DTLS have come to (W3C webrtc-pc §4.3.3), and does what it calls for. Under the lock.
    private void Update()
    {
        bool path = _iceState is IceState.Connected;
        if (path && !_handshakes && !_closed && _negotiation.Remote is { } remote)
        {
            _handshakes = true;
            _handshake = HandshakeAsync(_negotiation.Role!.Value, remote.Fingerprint);
        }

        PeerState state =
            _closed ? PeerState.Closed
            : _dtlsFailure is not null || _iceState == IceState.Failed ? PeerState.Failed
            : !_negotiation.Agreed ? PeerState.New
            : _keys is null ? PeerState.Connecting
            : _iceState == IceState.Disconnected ? PeerState.Disconnected
            : path ? PeerState.Connected
            : PeerState.Connecting;
        Failure = state != PeerState.Failed ? null : _dtlsFailure ?? IceFailure();
        if (state == State)
        {
            return;
        }

        bool opens = state == PeerState.Connected && !_opened;
        if (opens)
        {
            _opened = true;
            _transport.Open(_keys!);
            _events.Add(_transport.DeliverEarly);
        }
        else if (_closed || _dtlsFailure is not null)
        {
            _transport.Shut();
        }

        State = state;  // last: who reads Connected may send
        _events.Add(() => StateChanged?.Invoke(state));
    }

    private string IceFailure() => _keys is null
        ? "ICE failed: no path to the other side was found. Check that UDP is not blocked, or name a TURN server."
        : "ICE failed: the path stopped answering and no other was found (RFC 7675). Restart ICE with a new offer.";
}
