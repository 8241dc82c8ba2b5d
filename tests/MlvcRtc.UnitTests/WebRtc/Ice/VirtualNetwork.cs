using System.Net;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.UnitTests.WebRtc.Ice;

/// <summary>An internet in virtual time: hosts, NATs that map and filter, loss. Datagrams take 10 ms.</summary>
internal sealed class VirtualNetwork
{
    private static readonly TimeSpan Transit = TimeSpan.FromMilliseconds(10);

    private readonly PriorityQueue<Action, TimeSpan> _flights = new();
    private readonly List<VirtualBase> _bases = [];
    private readonly List<VirtualNat> _nats = [];
    private readonly List<VirtualPeer> _peers = [];

    public TimeSpan Now { get; private set; } = TimeSpan.FromSeconds(100);

    /// <summary>True = the datagram is lost.</summary>
    public Func<TransportAddress, TransportAddress, byte[], bool> Loses { get; set; } = (_, _, _) => false;

    /// <summary>Every datagram that was sent, for those who replay.</summary>
    public List<(TransportAddress From, TransportAddress To, byte[] Datagram)> Sent { get; } = [];

    public VirtualPeer AddPeer(ulong tieBreaker = 1)
    {
        VirtualPeer peer = new(this, tieBreaker);
        _peers.Add(peer);
        return peer;
    }

    /// <param name="symmetric">A new mapping for every destination (RFC 4787: address and port dependent).</param>
    public VirtualNat AddNat(string address, bool symmetric = false)
    {
        VirtualNat nat = new(IPAddress.Parse(address), symmetric);
        _nats.Add(nat);
        return nat;
    }

    public void Add(VirtualBase virtualBase) => _bases.Add(virtualBase);

    public void Transmit(VirtualBase from, TransportAddress to, byte[] datagram)
    {
        TransportAddress source = from.Nat?.Map(from.Address, to) ?? from.Address;
        Sent.Add((source, to, datagram));
        if (!Loses(source, to, datagram))
        {
            _flights.Enqueue(() => Arrive(from.Address, from.Nat, source, to, datagram), Now + Transit);
        }
    }

    /// <summary>As if somebody had sent it from there.</summary>
    public void Inject(TransportAddress from, TransportAddress to, byte[] datagram) => Arrive(from, null, from, to, datagram);

    /// <summary>Time goes on until something holds; false if it does not within the limit.</summary>
    public bool RunUntil(Func<bool> holds, TimeSpan limit)
    {
        TimeSpan end = Now + limit;
        while (!holds())
        {
            TimeSpan next = _peers.Select(peer => peer.Session.Advance(Now)).Append(end).Min();
            if (_flights.TryPeek(out _, out TimeSpan arrival) && arrival <= next)
            {
                Now = arrival;
                _flights.Dequeue()();
                continue;
            }

            if (next >= end)
            {
                Now = end;
                _peers.ForEach(peer => peer.Session.Advance(Now));
                return holds();
            }

            Now = next > Now ? next : Now + TimeSpan.FromTicks(1);
        }

        return true;
    }

    public void Run(TimeSpan time) => RunUntil(() => false, time);

    private void Arrive(TransportAddress inner, VirtualNat? nat, TransportAddress source, TransportAddress to, byte[] datagram)
    {
        // Within one private network the inner addresses reach each other.
        VirtualBase? target = _bases.Find(host => host.Address == to && ReferenceEquals(host.Nat, nat) && nat is not null);
        if (target is not null)
        {
            target.Arrive(inner, datagram, Now);
            return;
        }

        foreach (VirtualNat other in _nats)
        {
            if (other.Admit(to, source) is { } mapped)
            {
                target = _bases.Find(host => host.Address == mapped && ReferenceEquals(host.Nat, other));
            }
        }

        target ??= _bases.Find(host => host.Address == to && host.Nat is null);
        target?.Arrive(source, datagram, Now);
    }
}

/// <summary>A NAT with port-restricted filtering (RFC 4787 §5: address and port dependent).</summary>
internal sealed class VirtualNat(IPAddress address, bool symmetric)
{
    private readonly Dictionary<(TransportAddress Inner, TransportAddress To), TransportAddress> _mappings = [];
    private readonly HashSet<(TransportAddress Mapped, TransportAddress From)> _open = [];

    public TransportAddress Map(TransportAddress inner, TransportAddress to)
    {
        (TransportAddress, TransportAddress) key = (inner, symmetric ? to : default);
        if (!_mappings.TryGetValue(key, out TransportAddress mapped))
        {
            mapped = TransportAddress.From(address, 20000 + _mappings.Count);
            _mappings[key] = mapped;
        }

        _open.Add((mapped, to));
        return mapped;
    }

    /// <summary>The inner address that a datagram from outside reaches; null = it is filtered, or not for us.</summary>
    public TransportAddress? Admit(TransportAddress to, TransportAddress from) =>
        _open.Contains((to, from)) ? _mappings.First(mapping => mapping.Value == to).Key.Inner : null;
}

/// <summary>A socket, or a relay's address, of the virtual network.</summary>
internal sealed class VirtualBase(VirtualNetwork network, VirtualPeer owner, TransportAddress address, VirtualNat? nat, CandidateType type)
    : LocalBase(address, type)
{
    public VirtualNat? Nat { get; } = nat;

    /// <summary>The cable is out.</summary>
    public bool Unplugged { get; set; }

    public override bool Send(TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        if (!Unplugged)
        {
            network.Transmit(this, remote, datagram.ToArray());
        }

        return true;
    }

    public void Arrive(TransportAddress from, byte[] datagram, TimeSpan now)
    {
        if (!Unplugged)
        {
            owner.Arrive(this, from, datagram, now);
        }
    }
}

/// <summary>One side of a call: a session with its bases.</summary>
internal sealed class VirtualPeer(VirtualNetwork network, ulong tieBreaker)
{
    private static readonly TransportAddress StunServer = TransportAddress.From(IPAddress.Parse("198.51.100.1"), 3478);

    private int _candidates;

    public IceCounters Counters { get; } = new();

    public IceSession Session { get; private set; } = null!;

    public List<VirtualBase> Bases { get; } = [];

    /// <summary>What the other side is told.</summary>
    public List<IceCandidate> Candidates { get; } = [];

    /// <summary>Media that was heard.</summary>
    public List<byte[]> Heard { get; } = [];

    public IceState State => Session.State(network.Now);

    public VirtualPeer Begin()
    {
        Session = new IceSession(IceChars.NewCredentials(), tieBreaker, Counters, new Random(7));
        return this;
    }

    public VirtualBase AddHost(string address, VirtualNat? nat = null)
    {
        VirtualBase host = AddBase(address, nat, CandidateType.Host);
        if (nat is not null)
        {
            TransportAddress mapped = nat.Map(host.Address, StunServer);
            IceCandidate candidate = Candidate(mapped, CandidateType.ServerReflexive);
            Session.AddMapped(candidate);
        }

        return host;
    }

    public VirtualBase AddRelay(string address) => AddBase(address, null, CandidateType.Relayed);

    public void Arrive(VirtualBase at, TransportAddress from, byte[] datagram, TimeSpan now)
    {
        if (StunMessage.TryParse(datagram, out StunMessage message))
        {
            if (!Session.Receive(at, from, message, now))
            {
                Counters.RefusedRequest();
            }
        }
        else if (at.Trusts(from))
        {
            at.NoteArrival(now);
            Heard.Add(datagram);
        }
    }

    public void Send(byte[] media)
    {
        if (Session.Selected is { } selected && State != IceState.Failed)
        {
            selected.Base.Send(selected.Remote.Address, media);
        }
    }

    private VirtualBase AddBase(string address, VirtualNat? nat, CandidateType type)
    {
        VirtualBase added = new(network, this, TransportAddress.From(IPAddress.Parse(address), 10000 + Bases.Count), nat, type);
        network.Add(added);
        Bases.Add(added);
        Session.AddLocal(Candidate(added.Address, type), added, network.Now);
        return added;
    }

    private IceCandidate Candidate(TransportAddress address, CandidateType type)
    {
        IceCandidate candidate = new($"c{_candidates}", CandidatePriority.Of(type, 1000 - _candidates++), address, type, UsernameFragment: Session.Local.UsernameFragment);
        Candidates.Add(candidate);
        return candidate;
    }
}
