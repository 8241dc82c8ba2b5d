using System.Text;
using System.Text.Unicode;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

internal enum AllocationState
{
    Allocating = 0,
    Allocated = 1,

    /// <summary><see cref="TurnAllocation.Failure"/> says why.</summary>
    Failed = 2,
}

/// <summary>
/// The client's side of one allocation (RFC 8656): credentials, lifetimes, permissions, channels. Pure: time and messages come in, messages go out by the
/// delegate. Not thread-safe.
/// </summary>
/// <param name="reliable">The server is spoken to over TCP or TLS: nothing is repeated, channel data is padded.</param>
/// <param name="send">Takes one whole message.</param>
internal sealed class TurnAllocation(string username, string credential, bool reliable, DatagramOutward send)
{
    /// <summary>Candidates of the other side that we ever talk to are fewer (<see cref="Ice.IceSession.MaxCandidates"/>).</summary>
    public const int MaxPeers = 64;

    /// <summary>Larger datagrams are no media of ours.</summary>
    private const int MaxDatagramBytes = 2048;

    /// <summary>Checks that wait for a permission; the first ones of each peer.</summary>
    private const int MaxHeld = 64;

    /// <summary>A nonce may go stale between answer and request; a server that refuses three in a row is broken.</summary>
    private const int MaxAttempts = 4;

    /// <summary>Permissions last 300 s (RFC 8656 §9) and channels renew theirs; a minute is left for lost requests.</summary>
    private static readonly TimeSpan PermissionRenewal = TimeSpan.FromSeconds(240);

    private readonly byte[] _buffer = new byte[MaxDatagramBytes + 64];
    private readonly byte[] _request = new byte[StunWriter.BufferBytes];
    private readonly List<TurnRequest> _requests = [];
    private readonly Dictionary<TransportAddress, TurnPeer> _peers = [];
    private readonly TurnPeer?[] _channels = new TurnPeer?[MaxPeers];
    private readonly List<(TransportAddress Peer, byte[] Datagram)> _held = [];
    private int _channelsUsed;
    private string _realm = "";
    private byte[] _nonce = [];
    private byte[]? _key;
    private TimeSpan _refresh = TimeSpan.MaxValue;
    private bool _closed;

    public AllocationState State { get; private set; }

    /// <summary>Cause and remedy.</summary>
    public string? Failure { get; private set; }

    /// <summary>Where others reach us; meaningful once allocated.</summary>
    public TransportAddress Relayed { get; private set; }

    /// <summary>Messages that were not from the server, not signed by it, or answered nothing.</summary>
    public long Refused { get; private set; }

    public void Start(TimeSpan now) => Begin(new TurnRequest(StunMethod.Allocate), now);

    /// <summary>Gives the relay address back; no answer is awaited.</summary>
    public void Close(TimeSpan now)
    {
        if (State == AllocationState.Allocated && !_closed)
        {
            _requests.Clear();
            Begin(new TurnRequest(StunMethod.Refresh, lifetime: 0), now);
        }

        _closed = true;
    }

    /// <summary>Sends a datagram to the peer: by its channel, else as an indication, else once the server has permitted it.</summary>
    public void Send(TransportAddress to, ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        if (State != AllocationState.Allocated || _closed || datagram.Length > MaxDatagramBytes || Peer(to, now) is not { Refused: false } peer)
        {
            return;
        }

        if (peer.Bound)
        {
            send(_buffer.AsSpan(0, ChannelData.Write(_buffer, peer.Channel, datagram, padded: reliable)));
        }
        else if (peer.Permitted)
        {
            StunWriter writer = new(_buffer, StunClass.Indication, StunMethod.Send, TransactionId.NewRandom());
            writer.AddXorAddress(StunAttribute.XorPeerAddress, to);
            writer.Add(StunAttribute.Data, datagram);
            send(writer.Written);
        }
        else if (_held.Count < MaxHeld)
        {
            _held.Add((to, datagram.ToArray()));
        }
    }

    /// <summary>Media will flow to this peer: a channel makes it cheap.</summary>
    public void Bind(TransportAddress to, TimeSpan now)
    {
        if (State == AllocationState.Allocated && !_closed && Peer(to, now) is { Channel: 0, Refused: false } peer && _channelsUsed < MaxPeers)
        {
            peer.Channel = (ushort)(ChannelData.First + _channelsUsed);
            _channels[_channelsUsed++] = peer;
            Begin(new TurnRequest(StunMethod.ChannelBind, to, peer.Channel), now);
        }
    }

    /// <summary>Does what is due; returns when to come again.</summary>
    public TimeSpan Advance(TimeSpan now)
    {
        for (int index = _requests.Count - 1; index >= 0; index--)
        {
            TurnRequest request = _requests[index];
            if (now >= request.Due)
            {
                if (request.Next(now))
                {
                    Write(request);
                }
                else
                {
                    _requests.RemoveAt(index);
                    Fail(request, 0);
                }
            }
        }

        if (State == AllocationState.Allocated && !_closed)
        {
            if (now >= _refresh)
            {
                _refresh = TimeSpan.MaxValue;
                Begin(new TurnRequest(StunMethod.Refresh), now);
            }

            foreach (TurnPeer peer in _peers.Values)
            {
                if (now >= peer.Renewal)
                {
                    peer.Renewal = TimeSpan.MaxValue;
                    Begin(peer.Bound ? new TurnRequest(StunMethod.ChannelBind, peer.Address, peer.Channel) : new TurnRequest(StunMethod.CreatePermission, peer.Address), now);
                }
            }
        }

        return Due();
    }

    /// <summary>A message of the server arrived. True: it carried a datagram of a peer.</summary>
    public bool Receive(ReadOnlySpan<byte> message, TimeSpan now, out TransportAddress from, out ReadOnlySpan<byte> datagram)
    {
        from = default;
        if (ChannelData.TryRead(message, out ushort channel, out datagram))
        {
            int index = channel - ChannelData.First;
            if (index < _channelsUsed && _channels[index] is { } peer)
            {
                from = peer.Address;
                return true;
            }

            Refused++;
            return false;
        }

        if (!StunMessage.TryParse(message, out StunMessage stun))
        {
            Refused++;
            return false;
        }

        if (stun.Class == StunClass.Indication)
        {
            // Only from those whom we asked the server to let through.
            bool heard = stun.Method == StunMethod.Data
                && stun.TryGetXorAddress(StunAttribute.XorPeerAddress, out from)
                && stun.TryGet(StunAttribute.Data, out datagram)
                && IsPermitted(from);
            Refused += heard ? 0 : 1;
            return heard;
        }

        int at = FindRequest(stun);
        if (at < 0)
        {
            Refused++;
            return false;
        }

        TurnRequest request = _requests[at];
        if (stun.Class == StunClass.Success)
        {
            if (_key is null || !stun.IsFrom(_key))
            {
                Refused++;  // only the server knows the credential
                return false;
            }

            _requests.RemoveAt(at);
            Succeed(request, stun, now);
        }
        else
        {
            _requests.RemoveAt(at);
            ReceiveError(request, stun, now);
        }

        return false;
    }

    private bool IsPermitted(TransportAddress from)
    {
        foreach (TransportAddress known in _peers.Keys)
        {
            if (known.Bits == from.Bits && known.IsV6 == from.IsV6)
            {
                return true;
            }
        }

        return false;
    }

    private int FindRequest(StunMessage answer)
    {
        for (int index = 0; index < _requests.Count; index++)
        {
            if (_requests[index].Transaction == answer.Transaction && _requests[index].Method == answer.Method)
            {
                return index;
            }
        }

        return -1;
    }

    private TurnPeer? Peer(TransportAddress address, TimeSpan now)
    {
        if (_peers.TryGetValue(address, out TurnPeer? known))
        {
            return known;
        }

        if (_peers.Count >= MaxPeers || address.IsV6 != Relayed.IsV6)
        {
            return null;
        }

        TurnPeer peer = new(address);
        _peers.Add(address, peer);
        Begin(new TurnRequest(StunMethod.CreatePermission, address), now);
        return peer;
    }

    private void Succeed(TurnRequest request, StunMessage answer, TimeSpan now)
    {
        switch (request.Method)
        {
            case StunMethod.Allocate when answer.TryGetXorAddress(StunAttribute.XorRelayedAddress, out TransportAddress relayed):
                Relayed = relayed;
                State = AllocationState.Allocated;
                ScheduleRefresh(answer, now);
                break;
            case StunMethod.Allocate:
                Fail(request, 0);
                break;
            case StunMethod.Refresh:
                ScheduleRefresh(answer, now);
                break;
            case StunMethod.CreatePermission or StunMethod.ChannelBind when _peers.TryGetValue(request.Peer, out TurnPeer? peer):
                peer.Permitted = true;
                peer.Bound |= request.Method == StunMethod.ChannelBind;
                peer.Renewal = now + PermissionRenewal;
                Release(peer, now);
                break;
        }
    }

    private void ScheduleRefresh(StunMessage answer, TimeSpan now)
    {
        // Default 600 s (RFC 8656 §3.2). A minute before the end, or half of a short life.
        uint seconds = answer.TryGetUInt32(StunAttribute.Lifetime, out uint told) ? uint.Min(told, 3600) : 600;
        _refresh = now + TimeSpan.FromSeconds(seconds > 120 ? seconds - 60 : uint.Max(seconds / 2, 1));
    }

    private void Release(TurnPeer peer, TimeSpan now)
    {
        foreach ((TransportAddress to, byte[] datagram) in _held.FindAll(held => held.Peer == peer.Address))
        {
            Send(to, datagram, now);
        }

        _held.RemoveAll(held => held.Peer == peer.Address);
    }

    private void ReceiveError(TurnRequest request, StunMessage answer, TimeSpan now)
    {
        int code = answer.ErrorCode();
        bool challenge = code == StunError.Unauthenticated && _key is null && answer.Has(StunAttribute.Realm);
        if ((challenge || code == StunError.StaleNonce)
            && request.Attempts < MaxAttempts
            && answer.TryGet(StunAttribute.Nonce, out ReadOnlySpan<byte> nonce)
            && nonce.Length is > 0 and <= TurnRequest.MaxQuotedBytes)
        {
            _nonce = nonce.ToArray();
            if (answer.TryGet(StunAttribute.Realm, out ReadOnlySpan<byte> realm) && realm.Length <= TurnRequest.MaxQuotedBytes && Utf8.IsValid(realm))
            {
                _realm = Encoding.UTF8.GetString(realm);  // what is no UTF-8 would come out longer than it went in
                _key = StunIntegrity.LongTermKey(username, _realm, credential);
            }

            Begin(request, now);
            return;
        }

        Fail(request, code);
    }

    private void Fail(TurnRequest request, int code)
    {
        switch (request.Method)
        {
            case StunMethod.CreatePermission or StunMethod.ChannelBind when _peers.TryGetValue(request.Peer, out TurnPeer? peer):
                // A channel that the server does not give leaves the indications.
                peer.Refused = request.Method == StunMethod.CreatePermission;
                peer.Bound = false;
                _held.RemoveAll(held => held.Peer == request.Peer);
                break;
            default:
                if (!_closed)
                {
                    State = AllocationState.Failed;
                    Failure = TurnError.Explain(request.Method, code);
                }

                break;
        }
    }

    private void Begin(TurnRequest request, TimeSpan now)
    {
        request.Begin(now, reliable);
        _requests.Add(request);
        Write(request);
    }

    private void Write(TurnRequest request)
    {
        StunWriter writer = request.Write(_request);
        if (_key is not null)
        {
            writer.Add(StunAttribute.Username, username);
            writer.Add(StunAttribute.Realm, _realm);
            writer.Add(StunAttribute.Nonce, _nonce);
            writer.AddIntegrity(_key);
        }

        send(writer.Written);
    }

    private TimeSpan Due()
    {
        TimeSpan due = State == AllocationState.Allocated && !_closed ? _refresh : TimeSpan.MaxValue;
        foreach (TurnRequest request in _requests)
        {
            due = request.Due < due ? request.Due : due;
        }

        foreach (TurnPeer peer in _peers.Values)
        {
            due = peer.Renewal < due ? peer.Renewal : due;
        }

        return due;
    }
}

internal delegate void DatagramOutward(ReadOnlySpan<byte> datagram);
