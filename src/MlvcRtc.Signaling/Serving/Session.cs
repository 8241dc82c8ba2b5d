using System.Net.WebSockets;
using Microsoft.Extensions.Logging;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Sockets;

namespace MlvcRtc.Signaling.Serving;

/// <summary>One socket of one participant, from its first byte to its last: waits for the join, then relays.</summary>
internal sealed class Session(
    SignalingServer server,
    IRoomStore store,
    Housekeeping housekeeping,
    MessageSocket socket,
    long connection,
    string address,
    TimeProvider time,
    ILogger log,
    SignalingMetrics metrics)
{
    /// <summary>A connection that says nothing holds memory: it has this long for its first message.</summary>
    public static readonly TimeSpan JoinDeadline = TimeSpan.FromSeconds(5);

    /// <summary>A message may take this long from its first byte to its last; slow-loris sockets take longer.</summary>
    public static readonly TimeSpan MessageDeadline = TimeSpan.FromSeconds(5);

    /// <summary>A message that cannot be written for so long means that nobody reads.</summary>
    public static readonly TimeSpan SendDeadline = TimeSpan.FromSeconds(10);

    /// <summary>A refused client has this long to read why and to close.</summary>
    public static readonly TimeSpan CloseDeadline = TimeSpan.FromSeconds(2);

    /// <summary>Notes that overtake the answer to a join: the other's first messages.</summary>
    private const int MaxEarly = OutgoingQueue.MaxMessages;

    private readonly Lock _lock = new();
    private readonly TimeSpan _openedAt = time.GetElapsedTime(0);
    private TimeSpan _heardAt = time.GetElapsedTime(0);
    private TimeSpan? _closingAt;
    private TimeSpan _renewAt;
    private List<RoomNote>? _early = [];  // null once joined
    private volatile Seating? _seating;
    private Seat? _peer;
    private string _how = "connection closed";

    /// <summary>Our seat; null before the join and after losing it.</summary>
    private sealed record Seating(string Room, Seat Seat, Allowance? Subject)
    {
        public string PeerId => Seat.PeerId;
    }

    private SeatAddress Address => new(store.Node, connection);

    /// <param name="allowance">Of the address; null: only the refusal is to be delivered.</param>
    public async Task RunAsync(Allowance? allowance, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                Received received = await socket.ReceiveAsync(cancel).ConfigureAwait(false);
                if (received.Kind == ReceivedKind.Closed)
                {
                    break;
                }

                if (allowance is null || IsClosing)
                {
                    continue;  // until the other side closes, too, or the deadline cuts it
                }

                await HandleAsync(received, allowance).ConfigureAwait(false);
            }
        }
        finally
        {
            await EndAsync(allowance).ConfigureAwait(false);
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
            metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
            SignalingLog.Refused(log, code, address, connection);
            socket.TrySend(new ErrorMessage(code, message) { Closes = true });
            BeginClose(
                code switch
                {
                    ErrorCode.TooLarge => WebSocketCloseStatus.MessageTooBig,
                    ErrorCode.NotText => WebSocketCloseStatus.InvalidMessageType,
                    ErrorCode.GoingAway => WebSocketCloseStatus.EndpointUnavailable,
                    _ => WebSocketCloseStatus.PolicyViolation,
                },
                code);
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

            switch (note.Message)
            {
                case PeerJoined or PeerResumed:
                    _peer = note.Peer;
                    break;
                case PeerLeft left when left.PeerId == _peer?.PeerId:
                    _peer = null;
                    break;
            }

            Send(note.Message);
        }
    }

    /// <summary>Called once a second.</summary>
    public void CheckDeadlines()
    {
        TimeSpan now = time.GetElapsedTime(0);
        lock (_lock)
        {
            if (_closingAt is { } closing)
            {
                if (now - closing > CloseDeadline)
                {
                    socket.Abort();
                }
            }
            else if (socket.SendingFor > SendDeadline)
            {
                CutSlowReader();
            }
            else if (socket.PartialFor > MessageDeadline)
            {
                Refuse(ErrorCode.SlowMessage, $"A message took longer than {MessageDeadline.TotalSeconds} s to arrive.");
            }
            else if (_early is not null && now - _openedAt > JoinDeadline)
            {
                Refuse(ErrorCode.JoinTimeout, $"The first message, join, is due within {JoinDeadline.TotalSeconds} s.");
            }
            else if (now - _heardAt > SignalingProtocol.IdleLimit)
            {
                Refuse(ErrorCode.IdleTimeout, $"Nothing was heard for {SignalingProtocol.IdleLimit.TotalSeconds} s. Send a ping every {SignalingProtocol.PingInterval.TotalSeconds} s.");
            }
        }
    }

    public bool RenewalDue(TimeSpan now) => _seating is not null && now >= _renewAt;

    /// <summary>Tells the store that our participant is still there.</summary>
    /// <exception cref="RoomStoreException">It did not answer.</exception>
    public async ValueTask RenewAsync()
    {
        if (_seating is not { } seating)
        {
            return;
        }

        RoomChange change = await store.UpdateAsync(
            seating.Room, (state, now) => RoomRules.Renew(state, now, seating.PeerId, Address), CancellationToken.None).ConfigureAwait(false);
        if (seating.Seat.TokenId is { } token)
        {
            await store.ClaimTokenAsync(token, seating.Seat.AttemptHash, RoomRules.Lease, CancellationToken.None).ConfigureAwait(false);
        }

        _renewAt = time.GetElapsedTime(0) + RoomRules.RenewInterval;
        await housekeeping.SettleAsync(seating.Room, change).ConfigureAwait(false);
        if (change.Status != RoomStatus.Ok)
        {
            Refuse(ErrorCode.SeatLost, "The seat was given up, because this node or its store stood still for too long. Join again.");
            return;
        }

        lock (_lock)
        {
            _peer = change.Peer;  // puts right what lost notes have missed
        }

        WatchPeer(seating.Room, change.Peer);
    }

    private bool IsClosing
    {
        get
        {
            lock (_lock)
            {
                return _closingAt is not null;
            }
        }
    }

    private async ValueTask HandleAsync(Received received, Allowance allowance)
    {
        TimeSpan now = time.GetElapsedTime(0);
        _heardAt = now;
        metrics.Bytes.Add(received.Bytes);
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
            case ReceivedKind.Malformed:
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
        metrics.Messages.Add(1, new KeyValuePair<string, object?>("type", message.GetType().Name));
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
                await LeaveAsync(allowance).ConfigureAwait(false);
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
            if (admitted.Change is { } change)
            {
                await housekeeping.SettleAsync(join.Room, change).ConfigureAwait(false);
            }
        }
        catch (RoomStoreException exception)
        {
            metrics.StoreFailures.Add(1);
            SignalingLog.StoreFailed(log, exception.Message);
            admitted = new Admitted(ErrorCode.Unavailable, "The room store does not answer at the moment. Try again, or another node.");
        }

        string result = admitted.Code ?? (admitted.Resumed ? "resumed" : "joined");
        metrics.Joins.Add(1, new KeyValuePair<string, object?>("result", result));
        metrics.JoinDuration.Record((time.GetElapsedTime(0) - now).TotalSeconds);
        if (admitted.Code is { } code)
        {
            Refuse(code, admitted.Message!);
            return;
        }

        TakeSeat(join.Room, admitted);
    }

    private void TakeSeat(string room, Admitted admitted)
    {
        Seat seat = admitted.Change!.Seat!;
        Seat? peer = admitted.Change.Peer;
        metrics.Seats.Add(1);
        SignalingLog.Joined(log, seat.PeerId, server.Names.Of(room), address, connection, admitted.Resumed, peer is not null);
        PeerInfo[] peers = peer is null ? [] : [new PeerInfo(peer.PeerId) { Name = peer.Name }];
        bool polite = admitted.Change.State.Seats[0] != seat;  // seats stand in the order of coming
        lock (_lock)
        {
            _seating = new Seating(room, seat, admitted.Subject);
            _peer = peer;
            _renewAt = time.GetElapsedTime(0) + RoomRules.RenewInterval;
            Send(new Joined(seat.PeerId, admitted.ResumeToken, polite, peers, server.IceServers.For(seat.PeerId)) { Resumed = admitted.Resumed, IceServersTtl = server.IceServers.Ttl });
            List<RoomNote> early = _early!;
            _early = null;
            foreach (RoomNote note in early)
            {
                Deliver(note);
            }
        }

        WatchPeer(room, peer);
    }

    /// <summary>If the other's node is dead, ours sees to it that its seat ends in time.</summary>
    private void WatchPeer(string room, Seat? peer)
    {
        if (peer is { Address: null } || peer?.AliveUntil < time.GetUtcNow() + RoomRules.RenewInterval)
        {
            housekeeping.Watch(room, peer.AliveUntil);
        }
    }

    private async ValueTask LeaveAsync(Allowance allowance)
    {
        Seating seating = _seating!;
        _seating = null;
        _how = "bye";
        Forget(seating, allowance);
        try
        {
            RoomChange change = await store.UpdateAsync(seating.Room, (state, now) => RoomRules.Leave(state, now, seating.PeerId, Address), CancellationToken.None).ConfigureAwait(false);
            await housekeeping.SettleAsync(seating.Room, change).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            metrics.StoreFailures.Add(1);
            SignalingLog.StoreFailed(log, exception.Message);
        }

        lock (_lock)
        {
            BeginClose(WebSocketCloseStatus.NormalClosure, "bye");
        }
    }

    /// <summary>The socket is gone: the seat waits.</summary>
    private async ValueTask EndAsync(Allowance? allowance)
    {
        Seating? seating = _seating;
        _seating = null;
        SignalingLog.Ended(log, seating?.PeerId, connection, _how);
        if (seating is null)
        {
            return;
        }

        Forget(seating, allowance!);
        try
        {
            RoomChange change = await store.UpdateAsync(seating.Room, (state, now) => RoomRules.Detach(state, now, seating.PeerId, Address), CancellationToken.None).ConfigureAwait(false);
            await housekeeping.SettleAsync(seating.Room, change).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            // The lease ends by itself, a little later than the window.
            metrics.StoreFailures.Add(1);
            SignalingLog.StoreFailed(log, exception.Message);
        }

        housekeeping.Watch(seating.Room, time.GetUtcNow() + RoomRules.Lease);
        housekeeping.Watch(seating.Room, time.GetUtcNow() + RoomRules.ResumeWindow);
    }

    private void Forget(Seating seating, Allowance allowance)
    {
        metrics.Seats.Add(-1);
        server.Admission.Exit(seating.Room, allowance, seating.Subject);
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
            metrics.Undelivered.Add(1);
        }
    }

    private void Answer(string code, string message)
    {
        metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
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
        metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", ErrorCode.SlowReader));
        SignalingLog.Refused(log, ErrorCode.SlowReader, address, connection);
        BeginClose(WebSocketCloseStatus.PolicyViolation, ErrorCode.SlowReader);
        socket.Abort();
    }

    private void BeginClose(WebSocketCloseStatus status, string reason)
    {
        _closingAt = time.GetElapsedTime(0);
        socket.Close(status, reason);
    }
}
