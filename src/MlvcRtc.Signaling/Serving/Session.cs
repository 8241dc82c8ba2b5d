using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Sockets;

namespace MlvcRtc.Signaling.Serving;

/// <summary>One socket of one participant, from its first byte to its last: waits for the join, then relays.</summary>
internal sealed class Session(SignalingServer server, MessageSocket socket, long connection, string address)
{
    /// <summary>Notes that overtake the answer to a join: the other's first messages.</summary>
    private const int MaxEarly = OutgoingQueue.MaxMessages;

    private readonly Lock _lock = new();
    private readonly TimeSpan _openedAt = server.Time.GetElapsedTime(0);
    private TimeSpan _heardAt = server.Time.GetElapsedTime(0);
    private TimeSpan? _closingAt;
    private volatile bool _closing;  // the same without the time, for reading outside the lock
    private List<RoomNote>? _early = [];  // null once joined
    private volatile Seating? _seating;  // null before the join and after the end
    private Seat? _peer;
    private long _version;  // of the room's state that _peer is from
    private string _how = "connection closed";

    private SeatAddress Address => new(server.Store.Node, connection);

    /// <param name="allowance">Of the address; null: only the refusal is to be delivered.</param>
    public async Task RunAsync(Allowance? allowance, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Received received = await socket.ReceiveAsync(cancel).ConfigureAwait(false);
                if (received is { Kind: ReceivedKind.Closed, Problem: null })
                {
                    break;
                }

                if (allowance is null || _closing)
                {
                    continue;  // until the other side closes, too, or the deadline cuts it
                }

                await HandleAsync(received, allowance).ConfigureAwait(false);
            }
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Tells why and closes. The first refusal counts.</summary>
    public void Refuse(string code, string message)
    {
        lock (_lock)
        {
            if (_closingAt is not null)
            {
                return;
            }

            _how = code;
            server.Metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
            SignalingLog.Refused(server.Log, code, address, connection);
            socket.TrySend(new ErrorMessage(code, message) { Closes = true });
            BeginClose(Refusal.StatusOf(code), code);
        }
    }

    public void SendAway(int afterMs)
    {
        lock (_lock)
        {
            if (_closingAt is null)
            {
                _how = ErrorCode.GoingAway;
                socket.TrySend(new GoingAway(afterMs));
                BeginClose(WebSocketCloseStatus.EndpointUnavailable, ErrorCode.GoingAway);
            }
        }
    }

    public void Abort() => socket.Abort();

    /// <summary>Something for our participant, from the other or about the other.</summary>
    public void Deliver(RoomNote note)
    {
        lock (_lock)
        {
            if (_early is { } early)
            {
                if (early.Count < MaxEarly)
                {
                    early.Add(note);
                }

                return;
            }

            if (note.Closes && note.Message is ErrorMessage refusal)
            {
                Refuse(refusal.Code, refusal.Message);
                return;
            }

            if (note.Version > 0)
            {
                if (note.Version < _version)
                {
                    return;  // a later state was told already
                }

                _version = note.Version;
                _peer = note.Peer;
            }

            Send(note.Message);
        }
    }

    /// <summary>Called once a second.</summary>
    public void CheckDeadlines()
    {
        TimeSpan now = server.Time.GetElapsedTime(0);
        lock (_lock)
        {
            if (_closingAt is { } closing)
            {
                if (now - closing > Deadlines.Close)
                {
                    socket.Abort();
                }
            }
            else if (socket.SendingFor > Deadlines.Send)
            {
                CutSlowReader();
            }
            else if (Deadlines.Missed(_early is null, now - _openedAt, now - _heardAt, socket.PartialFor) is { } missed)
            {
                Refuse(missed.Code, missed.Message);
            }
        }
    }

    public bool RenewalDue(TimeSpan now) => _seating?.RenewalDue(now) == true;

    /// <summary>Notes may have been lost: what they said is looked up at once.</summary>
    public void RenewSoon() => _seating?.RenewSoon();

    /// <summary>Tells the store that our participant is still there, and our participant what lost notes would have told.</summary>
    /// <exception cref="RoomStoreException">It did not answer.</exception>
    public async ValueTask RenewAsync()
    {
        if (_seating is not { } seating)
        {
            return;
        }

        RoomChange change = await seating.RenewAsync().ConfigureAwait(false);
        if (_seating != seating)
        {
            return;  // ended meanwhile
        }

        if (change.Status != RoomStatus.Ok)
        {
            Refuse(ErrorCode.SeatLost, "The seat was given up, because this node or its store stood still for too long. Join again.");
            return;
        }

        lock (_lock)
        {
            TellOf(change);
        }
    }

    /// <summary>The other is this now; whatever of it is new is told. Under the lock.</summary>
    private void TellOf(RoomChange change)
    {
        if (change.State.Version < _version)
        {
            return;  // a note of a later state was faster
        }

        Seat? known = _peer;
        _peer = change.Peer;
        _version = change.State.Version;
        foreach (SignalMessage news in RoomRules.News(known, change.Peer))
        {
            Send(news);
        }
    }

    private async ValueTask HandleAsync(Received received, Allowance allowance)
    {
        TimeSpan now = server.Time.GetElapsedTime(0);
        _heardAt = now;
        server.Metrics.Bytes.Add(received.Bytes);
        if (!allowance.TryMessage(received.Bytes, now) || _seating?.Subject?.TryMessage(received.Bytes, now) == false)
        {
            Refuse(ErrorCode.RateLimited, "Too many messages or bytes in too short a time. Slow down.");
            return;
        }

        switch (received.Kind)
        {
            case ReceivedKind.TooLarge:
                Refuse(ErrorCode.TooLarge, received.Problem!);
                return;
            case ReceivedKind.NotText:
                Refuse(ErrorCode.NotText, received.Problem!);
                return;
            case ReceivedKind.Malformed or ReceivedKind.Closed:  // the latter for the log: the socket is past speaking
                Refuse(ErrorCode.Malformed, received.Problem!);
                return;
            case ReceivedKind.UnknownType when _seating is null:
            case ReceivedKind.Message when _seating is null && received.Message is not Join:
                Refuse(ErrorCode.JoinExpected, "The first message must be join.");
                return;
            case ReceivedKind.UnknownType:
                Answer(ErrorCode.UnknownType, received.Problem!);
                return;
        }

        SignalMessage message = received.Message!;
        server.Metrics.Messages.Add(1, new KeyValuePair<string, object?>("type", message.GetType().Name));
        switch (message)
        {
            case Join when _seating is not null:
                Refuse(ErrorCode.AlreadyJoined, "This connection has a seat already; one connection, one join.");
                break;
            case Join join:
                await JoinAsync(join, allowance, now).ConfigureAwait(false);
                break;
            case RelayedMessage relayed:
                await RelayAsync(relayed).ConfigureAwait(false);
                break;
            case Ping ping:
                Answer(new Pong(ping.Id));
                break;
            case IceServersRequest:
                Answer(new IceServers(server.IceServers.For(_seating!.PeerId)) { Ttl = server.IceServers.Ttl });
                break;
            case Bye:
                await LeaveAsync().ConfigureAwait(false);
                break;
            case Pong:
                break;
            default:
                Answer(ErrorCode.Unexpected, "Only servers send this type of message.");
                break;
        }
    }

    private async ValueTask JoinAsync(Join join, Allowance allowance, TimeSpan now)
    {
        Admitted admitted;
        try
        {
            admitted = await server.Admission.AdmitAsync(join, allowance, Address).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            server.StoreFailed(exception);
            admitted = new Admitted(ErrorCode.Unavailable, "The room store does not answer at the moment. Try again, or another node.");
        }

        // Whether the tokens of those who went before can be given back says nothing of the seat that was just taken.
        await server.Housekeeping.TrySettleAsync(join.Room, admitted.Change).ConfigureAwait(false);

        string result = admitted.Code ?? (admitted.Resumed ? "resumed" : "joined");
        server.Metrics.Joins.Add(1, new KeyValuePair<string, object?>("result", result));
        server.Metrics.JoinDuration.Record((server.Time.GetElapsedTime(0) - now).TotalSeconds);
        if (admitted.Code is { } code)
        {
            Refuse(code, admitted.Message!);
            return;
        }

        TakeSeat(join.Room, admitted, allowance);
    }

    private void TakeSeat(string room, Admitted admitted, Allowance allowance)
    {
        Seat seat = admitted.Change!.Seat!;
        Seat? peer = admitted.Change.Peer;
        server.Metrics.Seats.Add(1);
        SignalingLog.Joined(server.Log, seat.PeerId, server.Names.Of(room), address, connection, admitted.Resumed, peer is not null);
        PeerInfo[] peers = peer is null ? [] : [new PeerInfo(peer.PeerId) { Name = peer.Name }];
        Seating seating = new(server, room, seat, Address, allowance, admitted.Subject);
        bool polite = admitted.Change.State.Seats[0] != seat;  // seats stand in the order of coming
        lock (_lock)
        {
            _seating = seating;
            _peer = peer;
            _version = admitted.Change.State.Version;
            Send(new Joined(seat.PeerId, admitted.ResumeToken, polite, peers, server.IceServers.For(seat.PeerId)) { Resumed = admitted.Resumed, IceServersTtl = server.IceServers.Ttl });
            List<RoomNote> early = _early!;
            _early = null;
            foreach (RoomNote note in early)
            {
                Deliver(note);
            }
        }

        seating.WatchPeer(peer);
    }

    private async ValueTask LeaveAsync()
    {
        Seating seating = _seating!;
        _seating = null;
        _how = "bye";
        await seating.LeaveAsync().ConfigureAwait(false);
        lock (_lock)
        {
            BeginClose(WebSocketCloseStatus.NormalClosure, "bye");
        }
    }

    private async ValueTask EndAsync()
    {
        Seating? seating = _seating;
        _seating = null;
        SignalingLog.Ended(server.Log, seating?.PeerId, connection, _how);
        if (seating is not null)
        {
            await seating.DetachAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask RelayAsync(RelayedMessage message)
    {
        Seat? peer;
        lock (_lock)
        {
            peer = _peer;
        }

        if (peer is null || message.To != peer.PeerId)
        {
            Answer(ErrorCode.NoSuchPeer, "Nobody in the room has the id in \"to\"; whoever had it has left.");
        }
        else if (peer.Address is { } to)
        {
            await server.SendAsync(new RoomNote(to, message with { From = _seating!.PeerId })).ConfigureAwait(false);
        }
        else
        {
            server.Metrics.Undelivered.Add(1);
        }
    }

    private void Answer(string code, string message)
    {
        server.Metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
        Answer(new ErrorMessage(code, message));
    }

    private void Answer(SignalMessage message)
    {
        lock (_lock)
        {
            Send(message);
        }
    }

    /// <summary>Under the lock.</summary>
    private void Send(SignalMessage message)
    {
        if (_closingAt is null && !socket.TrySend(message))
        {
            CutSlowReader();
        }
    }

    /// <summary>There is no way to tell it: it does not read. The log and the metric know; the seat waits for it.</summary>
    private void CutSlowReader()
    {
        _how = ErrorCode.SlowReader;
        server.Metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", ErrorCode.SlowReader));
        SignalingLog.Refused(server.Log, ErrorCode.SlowReader, address, connection);
        BeginClose(WebSocketCloseStatus.PolicyViolation, ErrorCode.SlowReader);
        socket.Abort();
    }

    private void BeginClose(WebSocketCloseStatus status, string reason)
    {
        _closingAt = server.Time.GetElapsedTime(0);
        _closing = true;
        socket.Close(status, reason);
    }
}
