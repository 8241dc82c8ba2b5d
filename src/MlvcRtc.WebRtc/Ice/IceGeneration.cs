using System.Net;
using System.Net.Sockets;
using MlvcRtc.Media;
using MlvcRtc.WebRtc.Stun;
using MlvcRtc.WebRtc.Turn;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>
/// One generation with what it stands on: sockets, questions to STUN servers, allocations on relays; gathers candidates from them (RFC 8445 §5.1) and hands the session what
/// arrives. Everything happens under the agent's lock, except where said.
/// </summary>
internal sealed class IceGeneration(
    IceSession session,
    RtcPeerOptions options,
    IReadOnlyList<IceServerAddress> servers,
    TimeProvider time,
    Lock gate,
    Action<string> tell,
    Action wake,
    Action<IceServerAddress, string> failed,
    DatagramArrived arrived) : IDisposable
{
    /// <summary>Of servers that a name stands for, one of each family is enough.</summary>
    private static readonly AddressFamily[] Families = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    private readonly List<HostSocket> _sockets = [];
    private readonly List<Task> _endings = [];
    private readonly List<MappingProbe> _probes = [];
    private readonly HashSet<TransportAddress> _told = [];
    private readonly List<TransportAddress> _stunServers = [];
    private readonly List<TurnClient> _relays = [];
    private readonly CancellationTokenSource _closing = new();
    private int _preparing;
    private bool _gathering;
    private bool _closed;

    public IceSession Session { get; } = session;

    /// <summary>When all its threads have ended and its ports are free.</summary>
    public Task Ended => Task.WhenAll(_endings);

    /// <summary>Opens sockets and asks servers; candidates are told as they come.</summary>
    public void StartGathering()
    {
        if (_gathering || _closed)
        {
            return;
        }

        _gathering = true;
        TimeSpan now = MediaClock.Now(time);
        if (!options.RelayOnly)
        {
            foreach (IPAddress address in LocalAddresses.Find(options))
            {
                AddHost(address, now);
            }
        }

        foreach (IceServerAddress server in servers)
        {
            _preparing++;
            _ = ResolveAsync(server);
        }

        EndIfDone();
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        TimeSpan due = TimeSpan.MaxValue;
        foreach (MappingProbe probe in _probes)
        {
            probe.Advance(now);
            due = probe.Due < due ? probe.Due : due;
        }

        foreach (TurnClient relay in _relays.ToArray())
        {
            TimeSpan ask = relay.Advance(now);
            due = ask < due ? ask : due;
        }

        EndIfDone();
        TimeSpan next = Session.Advance(now);
        return next < due ? next : due;
    }

    /// <summary>A STUN message arrived. False: it is not of this generation.</summary>
    public bool Receive(LocalBase localBase, TransportAddress from, StunMessage message, TimeSpan now)
    {
        if (Session.Receive(localBase, from, message, now))
        {
            return true;
        }

        foreach (MappingProbe probe in _probes)
        {
            bool known = probe.Mapped is not null;
            if (probe.Receive(localBase, from, message))
            {
                if (!known && probe.Mapped is { } mapped)
                {
                    TellMapped(probe, mapped);
                }

                EndIfDone();
                return true;
            }
        }

        return false;
    }

    /// <summary>The addresses of this machine changed: bases that lost theirs end; new ones join while no path works.</summary>
    /// <param name="isCurrent">False: a generation that only carries media on gathers no more.</param>
    public void Follow(IReadOnlyList<IPAddress> addresses, bool isCurrent, TimeSpan now)
    {
        if (!_gathering || _closed || options.RelayOnly)
        {
            return;
        }

        foreach (HostSocket socket in _sockets.FindAll(socket => !addresses.Contains(socket.Address.Address)))
        {
            Session.RemoveBase(socket);
            _probes.RemoveAll(probe => ReferenceEquals(probe.Base, socket));
            _sockets.Remove(socket);
            socket.Dispose();
        }

        if (!isCurrent || Session.State(now) == IceState.Connected)
        {
            return;
        }

        foreach (IPAddress address in addresses.Where(address => !_sockets.Exists(socket => socket.Address.Address.Equals(address))))
        {
            AddHost(address, now);
        }
    }

    /// <summary>Ends its threads; returns at once.</summary>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _closing.Cancel();
        _closing.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
        _relays.ForEach(relay => relay.Dispose());
    }

    private void AddHost(IPAddress address, TimeSpan now)
    {
        if (HostSocket.Open(address, time) is not { } socket)
        {
            return;
        }

        _sockets.Add(socket);
        _endings.Add(socket.Ended);
        socket.Start(arrived);

        // IPv6 before IPv4 (RFC 8421 §4), and in the order of the system.
        int preference = ushort.MaxValue - (2 * _sockets.Count) + (address.AddressFamily == AddressFamily.InterNetworkV6 ? 1 : 0);
        IceCandidate candidate = new(
            $"h{_sockets.Count}",
            CandidatePriority.Of(CandidateType.Host, preference),
            socket.Address,
            CandidateType.Host,
            UsernameFragment: Session.Local.UsernameFragment);
        Tell(candidate);
        Session.AddLocal(candidate, socket, now);
        foreach (TransportAddress server in _stunServers)
        {
            Probe(socket, server, now);
        }
    }

    private async Task ResolveAsync(IceServerAddress server)
    {
        IPAddress[] addresses = [];
        try
        {
            addresses = IPAddress.TryParse(server.Host, out IPAddress? literal) ? [literal] : await Dns.GetHostAddressesAsync(server.Host).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)  // the latter: text that is no name
        {
            lock (gate)
            {
                failed(server, $"the name is not known: {e.Message}. Check it, and the name service.");
            }
        }

        lock (gate)
        {
            _preparing--;
            if (!_closed)
            {
                foreach (AddressFamily family in Families)
                {
                    if (Array.Find(addresses, address => address.AddressFamily == family) is { } address)
                    {
                        Use(server, TransportAddress.From(address, server.Port));
                    }
                }

                EndIfDone();
            }
        }

        wake();
    }

    private void Use(IceServerAddress server, TransportAddress address)
    {
        TimeSpan now = MediaClock.Now(time);
        if (server.Protocol is ServerProtocol.Stun or ServerProtocol.TurnUdp && !options.RelayOnly && !_stunServers.Contains(address))
        {
            _stunServers.Add(address);
            foreach (HostSocket socket in _sockets)
            {
                Probe(socket, address, now);
            }
        }

        if (server.Protocol != ServerProtocol.Stun)
        {
            _preparing++;
            _ = AllocateAsync(server, address, _closing.Token);
        }
    }

    private async Task AllocateAsync(IceServerAddress server, TransportAddress address, CancellationToken closing)
    {
        TurnTransport? transport = null;
        string failure = "";
        IPAddress? bind = options.BindAddresses?.FirstOrDefault(bound => bound.AddressFamily == address.Family);
        try
        {
            string? tlsName = server.Protocol == ServerProtocol.TurnTls ? server.Host : null;
            transport = server.Protocol == ServerProtocol.TurnUdp
                ? new TurnOverUdp(address, bind, time)
                : await TurnOverStream.ConnectAsync(address, bind, tlsName, options.TrustedRoots, time, closing).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)  // the last: a name that TLS cannot ask for
        {
            failure = e.Message;
        }

        lock (gate)
        {
            _preparing--;
            if (_closed)
            {
                transport?.Dispose();
            }
            else if (transport is null)
            {
                failed(server, failure);
            }
            else
            {
                TurnClient relay = new(server, transport, time, OnRelayChanged);
                _relays.Add(relay);
                relay.Start(arrived);
                _endings.Add(transport.Ended);
            }

            EndIfDone();
        }

        wake();
    }

    /// <summary>An allocation was made, or failed. On any thread.</summary>
    private void OnRelayChanged(TurnClient relay)
    {
        lock (gate)
        {
            if (_closed)
            {
                return;
            }

            if (relay.State == AllocationState.Failed)
            {
                failed(relay.Server, relay.Failure!);
                if (relay.Base is { } gone)
                {
                    Session.RemoveBase(gone);
                }

                relay.Dispose();
                _relays.Remove(relay);
            }
            else if (relay.State == AllocationState.Allocated && relay.Base is null)
            {
                relay.Base = new RelayBase(relay);
                TellRelayed(relay);
            }

            EndIfDone();
        }

        wake();
    }

    private void TellRelayed(TurnClient relay)
    {
        // Over UDP before TCP before TLS: each adds delay of its own. Where the relay sees us is nobody's business, hence no related address (RFC 8828 §4).
        int preference = ((ServerProtocol.TurnTls - relay.Server.Protocol + 1) * 256) - _relays.IndexOf(relay);
        IceCandidate candidate = new(
            $"r{_relays.IndexOf(relay)}",
            CandidatePriority.Of(CandidateType.Relayed, preference),
            relay.Relayed,
            CandidateType.Relayed,
            relay.Relayed with { Bits = 0, Port = 0 },
            Session.Local.UsernameFragment);
        if (Tell(candidate))
        {
            Session.AddLocal(candidate, relay.Base!, MediaClock.Now(time));
        }
    }

    private void Probe(HostSocket socket, TransportAddress server, TimeSpan now)
    {
        // A loopback address reaches only servers on loopback, and needs no mapping there.
        if (socket.Address.IsV6 == server.IsV6 && !IPAddress.IsLoopback(socket.Address.Address))
        {
            MappingProbe probe = new(socket, server);
            _probes.Add(probe);
            probe.Start(now);
        }
    }

    private void TellMapped(MappingProbe probe, TransportAddress mapped)
    {
        int order = _probes.IndexOf(probe);
        IceCandidate candidate = new(
            $"s{order}",
            CandidatePriority.Of(CandidateType.ServerReflexive, ushort.MaxValue - order),
            mapped,
            CandidateType.ServerReflexive,
            probe.Base.Address,
            Session.Local.UsernameFragment);
        if (Tell(candidate))
        {
            Session.AddMapped(candidate);
        }
    }

    /// <summary>False: the address is told already (RFC 8445 §5.1.3: redundant).</summary>
    private bool Tell(IceCandidate candidate)
    {
        if (!_told.Add(candidate.Address))
        {
            return false;
        }

        tell(CandidateLine.Write(candidate));
        return true;
    }

    private void EndIfDone()
    {
        // A relay is done when OnRelayChanged has seen it: its state changes earlier, without the agent's lock, and its candidate or failure must be told before the end is.
        if (_gathering && !_closed && !Session.LocalEnded && _preparing == 0 && _probes.TrueForAll(probe => probe.IsDone)
            && _relays.TrueForAll(relay => relay.Base is not null))
        {
            Session.LocalEnded = true;
            tell("");
        }
    }
}
