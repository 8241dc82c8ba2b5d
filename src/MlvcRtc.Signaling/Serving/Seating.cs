using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Signaling.Serving;

/// <summary>A seat while a socket of this node has it: renewed, and in the end kept for the resume window or given up.</summary>
/// <param name="seat">As it was taken.</param>
/// <param name="socket">Ours.</param>
/// <param name="address">Limits of the socket's address.</param>
/// <param name="subject">Limits of the token's subject; null in open mode.</param>
internal sealed class Seating(SignalingServer server, string room, Seat seat, SeatAddress socket, Allowance address, Allowance? subject)
{
    private TimeSpan _renewAt = server.Time.GetElapsedTime(0) + RoomRules.RenewInterval;

    public string Room => room;

    public string PeerId => seat.PeerId;

    public Allowance? Subject => subject;

    public bool RenewalDue(TimeSpan now) => now >= _renewAt;

    public void RenewSoon() => _renewAt = TimeSpan.Zero;

    /// <summary>Tells the store that the participant is still there.</summary>
    /// <returns>The room as it is; <see cref="RoomStatus.NoSeat"/>: the seat was given up meanwhile.</returns>
    /// <exception cref="RoomStoreException">The store did not answer.</exception>
    public async ValueTask<RoomChange> RenewAsync()
    {
        TimeSpan next = server.Time.GetElapsedTime(0) + RoomRules.RenewInterval;
        RoomChange change = await UpdateAsync((state, now) => RoomRules.Renew(state, now, seat.PeerId, socket)).ConfigureAwait(false);
        if (seat.TokenId is { } token)
        {
            await server.Store.ClaimTokenAsync(token, seat.AttemptHash, RoomRules.Lease, CancellationToken.None).ConfigureAwait(false);
        }

        _renewAt = next;
        WatchPeer(change.Peer);
        return change;
    }

    /// <summary>The participant said bye.</summary>
    public async ValueTask LeaveAsync()
    {
        Release();
        await TryUpdateAsync((state, now) => RoomRules.Leave(state, now, seat.PeerId, socket)).ConfigureAwait(false);
    }

    /// <summary>The socket is gone: the seat waits for another one.</summary>
    public async ValueTask DetachAsync()
    {
        Release();
        await TryUpdateAsync((state, now) => RoomRules.Detach(state, now, seat.PeerId, socket)).ConfigureAwait(false);
        server.Housekeeping.Watch(room, server.Time.GetUtcNow() + RoomRules.ResumeWindow);
        server.Housekeeping.Watch(room, server.Time.GetUtcNow() + RoomRules.Lease);  // if the store did not hear of it
    }

    /// <summary>If the other's node is dead, nobody but us sees to it that its seat ends in time.</summary>
    public void WatchPeer(Seat? peer)
    {
        if (peer is not null && (peer.Address is null || peer.AliveUntil < server.Time.GetUtcNow() + RoomRules.RenewInterval))
        {
            server.Housekeeping.Watch(room, peer.AliveUntil);
        }
    }

    private void Release()
    {
        server.Metrics.Seats.Add(-1);
        server.Admission.Exit(room, address, subject);
    }

    private async ValueTask<RoomChange> UpdateAsync(Func<RoomState, DateTimeOffset, RoomChange> rule)
    {
        RoomChange change = await server.Store.UpdateAsync(room, rule, CancellationToken.None).ConfigureAwait(false);
        await server.Housekeeping.SettleAsync(room, change).ConfigureAwait(false);
        return change;
    }

    /// <summary>A store that does not answer now finds out by itself: the lease ends.</summary>
    private async ValueTask TryUpdateAsync(Func<RoomState, DateTimeOffset, RoomChange> rule)
    {
        try
        {
            await UpdateAsync(rule).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            server.StoreFailed(exception);
        }
    }
}
