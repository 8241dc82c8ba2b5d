using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// A full ICE agent (RFC 8445) with trickle (RFC 8838), consent (RFC 7675) and restart, over UDP and TURN; one component. One thread keeps the time and raises events, in order; each socket has its
/// receive thread. <see cref="Arrived"/> is raised on those, never twice at once. Members may be called from any thread, and events may call members.
/// </summary>
public sealed class IceAgent : IIceTransport
{
    /// <summary>RFC 8445 asks for nothing slower; a clock that jumps must not stop the thread.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <summary>W3C webrtc-pc names no limit; more servers only delay the end of candidates.</summary>
    private const int MaxServers = 8;

    private readonly RtcPeerOptions _options;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly IceCounters _counters = new();
    private readonly Lock _gate = new();
    private readonly Lock _arrivals = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Queue<Action> _events = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ulong _tieBreaker = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private readonly Generations _generations;
    private IReadOnlyList<IceServer> _servers;
    private volatile IceCredentials _local;
    private int _selections;
    private CandidatePair? _route;
    private LocalBase? _refused;
    private volatile IceState _state;
    private volatile string? _serverFailure;
    private volatile bool _closed;

    /// <param name="options">Which addresses and servers to use.</param>
    /// <param name="time">The clock of everything, also of the arrivals.</param>
    /// <param name="random">For intervals that no two agents share.</param>
    /// <exception cref="ArgumentException">A server cannot be used; the message says which and why.</exception>
    public IceAgent(RtcPeerOptions options, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _random = random;
        _servers = Checked(options.IceServers);
        _generations = new Generations(NewGeneration);
        _local = _generations.Current.Session.Local;
        NetworkChange.NetworkAddressChanged += OnAddressesChanged;
        new Thread(Run) { Name = "mlvc ice", IsBackground = true }.Start();
    }

    public event Action<IceState>? StateChanged;

    public event Action<string>? CandidateGathered;

    public event PacketArrived? Arrived;

    public IceState State => _state;

    public IceCredentials Local => _local;

    public SelectedPath? Selected
    {
        get
        {
            lock (_gate)
            {
                return _route is not { } pair ? null : new SelectedPath(pair.SeenAs.Word(), pair.Remote.Type.Word(), pair.RoundTripTime, _selections);
            }
        }
    }

    public IReadOnlyList<IceServer> IceServers
    {
        get => _servers;
        set => _servers = Checked(value);
    }

    public DiscardedPackets Discarded => _counters.Discarded;

    /// <summary>Why a STUN or TURN server was of no use, with the remedy: the last failure. Null = none failed.</summary>
    public string? ServerFailure => _serverFailure;

    /// <summary>What was refused, by kind.</summary>
    internal IceCounters Counters => _counters;

    public void StartGathering()
    {
        lock (_gate)
        {
            if (!_closed)
            {
                _generations.Current.StartGathering();
            }
        }

        _wake.Set();
    }

    public void Restart()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _generations.Restart();
            UpdateRoute();
        }

        _wake.Set();
    }

    public bool TryUndoRestart()
    {
        lock (_gate)
        {
            bool undone = !_closed && _generations.TryUndoRestart();
            if (undone)
            {
                _local = _generations.Current.Session.Local;
                UpdateRoute();
            }

            return undone;
        }
    }

    public void SetRemote(IceCredentials remote, bool controlling)
    {
        ArgumentNullException.ThrowIfNull(remote);
        lock (_gate)
        {
            if (!_closed && _generations.Current.Session.Remote != remote)
            {
                _generations.Current.Session.SetRemote(remote, controlling, MediaClock.Now(_time));
                UpdateRoute();
            }
        }

        _wake.Set();
    }

    public void AddRemoteCandidate(string candidate)
    {
        CandidateLineKind kind = CandidateLine.Parse(candidate, out IceCandidate? parsed);
        lock (_gate)
        {
            switch (kind)
            {
                case var _ when _closed:
                    break;
                case CandidateLineKind.Candidate:
                    _generations.Current.Session.AddRemote(parsed!, MediaClock.Now(_time));
                    break;
                case CandidateLineKind.EndOfCandidates:
                    _generations.Current.Session.RemoteEnded = true;
                    break;
                case CandidateLineKind.MulticastDnsName:
                    _counters.MulticastDnsName();
                    break;
                default:
                    _counters.RefusedCandidate();
                    break;
            }
        }

        _wake.Set();
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (Volatile.Read(ref _route) is { } route && !route.Base.Send(route.Remote.Address, datagram))
        {
            Volatile.Write(ref _refused, route.Base);
            _wake.Set();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            NetworkChange.NetworkAddressChanged -= OnAddressesChanged;
            Volatile.Write(ref _route, null);
            _generations.GiveUpAll();
            SetState(IceState.Closed);
        }

        _wake.Set();
        await _ended.Task.ConfigureAwait(false);
        await _generations.Ended.ConfigureAwait(false);
    }

    private static IReadOnlyList<IceServer> Checked(IReadOnlyList<IceServer> servers)
    {
        ArgumentNullException.ThrowIfNull(servers);
        if (servers.Count > MaxServers)
        {
            throw new ArgumentException($"IceServers: {servers.Count} servers were named; at most {MaxServers} are used. Name fewer.");
        }

        _ = servers.Select(IceServerAddress.Parse).ToArray();
        return servers;
    }

    private IceGeneration NewGeneration()
    {
        IceCredentials own = IceChars.NewCredentials();
        _local = own;
        return new(
            new IceSession(own, _tieBreaker, _counters, _random),
            _options,
            [.. _servers.Select(IceServerAddress.Parse)],
            _time,
            _gate,
            line => Tell(own, line),
            Wake,
            (server, why) => _serverFailure = $"{server.Protocol} server {server.Host}:{server.Port}: {why}",
            OnDatagram);
    }

    private void Wake()
    {
        if (!_closed)
        {
            _wake.Set();
        }
    }

    /// <summary>What a generation found before a restart is not told after it: it would pass for the new one's, and end its list too soon.</summary>
    private void Tell(IceCredentials generation, string line) => _events.Enqueue(() =>
    {
        if (_local == generation)
        {
            CandidateGathered?.Invoke(line);
        }
    });

    /// <summary>The thread that keeps the time and raises events.</summary>
    private void Run()
    {
        bool closed;
        do
        {
            TimeSpan sleep;
            Action[] events;
            lock (_gate)
            {
                closed = _closed;
                sleep = closed ? default : Advance();
                events = [.. _events];
                _events.Clear();
            }

            foreach (Action raise in events)
            {
                raise();
            }

            if (!closed && events.Length == 0)
            {
                _wake.WaitOne(sleep);
            }
        }
        while (!closed);
        _ended.SetResult();
    }

    /// <summary>Does what is due; returns how long nothing will be.</summary>
    private TimeSpan Advance()
    {
        TimeSpan now = MediaClock.Now(_time);
        if (Interlocked.Exchange(ref _refused, null) is { } refused)
        {
            _generations.Refused(refused);
        }

        TimeSpan due = _generations.Advance(now);
        UpdateRoute();
        TimeSpan sleep = due == TimeSpan.MaxValue || due - now > LongestSleep ? LongestSleep : due - now;
        return sleep < TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(sleep.TotalMilliseconds));
    }

    /// <summary>Where media goes, and what the application is told.</summary>
    private void UpdateRoute()
    {
        (IceState state, CandidatePair? selected) = _generations.Path(MediaClock.Now(_time));
        if (!ReferenceEquals(selected, _route) && !_closed)
        {
            _selections += selected is null ? 0 : 1;
            Volatile.Write(ref _route, selected);
        }

        SetState(state);
    }

    private void SetState(IceState state)
    {
        if (state == _state || _state == IceState.Closed)
        {
            return;
        }

        _state = state;
        _events.Enqueue(() => StateChanged?.Invoke(state));
    }

    /// <summary>On the receive thread of a base.</summary>
    private void OnDatagram(LocalBase localBase, TransportAddress from, ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (datagram.IsEmpty || _closed)
        {
            return;
        }

        if (datagram[0] < 4)  // STUN, RFC 7983 §7
        {
            OnStun(localBase, from, datagram, arrival);
        }
        else if (!localBase.Trusts(from))
        {
            _counters.Stranger();
        }
        else
        {
            localBase.NoteArrival(arrival);
            lock (_arrivals)
            {
                Arrived?.Invoke(datagram, arrival);
            }
        }
    }

    private void OnStun(LocalBase localBase, TransportAddress from, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (!StunMessage.TryParse(datagram, out StunMessage message))
        {
            _counters.MalformedDatagram();
            return;
        }

        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            if (_generations.Receive(localBase, from, message, now))
            {
                UpdateRoute();
            }
            else if (message.Class == StunClass.Request)
            {
                _counters.RefusedRequest();
            }
            else if (message.Class != StunClass.Indication)  // a Binding indication only keeps a mapping open
            {
                _counters.RefusedResponse();
            }

            _wake.Set();
        }
    }

    private void OnAddressesChanged(object? sender, EventArgs e)
    {
        IReadOnlyList<IPAddress> addresses = LocalAddresses.Find(_options);
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _generations.Follow(addresses, MediaClock.Now(_time));
        }

        Wake();
    }
}
