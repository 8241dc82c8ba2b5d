using MlvcRtc.Signaling.Rooms;

namespace MlvcRtc.Signaling.Serving;

/// <summary>Renews the seats of this node's sockets, and looks after rooms in which a seat's time may be over. One run at a time.</summary>
internal sealed class Housekeeping(SignalingServer server)
{
    /// <summary>Renewals on their way to a shared store at once: enough to hide its latency, few enough not to delay joins.</summary>
    private const int AtOnce = 32;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<string, DateTimeOffset> _due = new();
    private int _running;

    /// <summary>A seat of the room ends at that time unless something happens.</summary>
    public void Watch(string room, DateTimeOffset at)
    {
        lock (_lock)
        {
            _due.Enqueue(room, at);
        }
    }

    /// <summary>Starts a run unless one is still going (a slow store); what is due waits for the next.</summary>
    public void Run(ICollection<Session> sessions)
    {
        if (Interlocked.Exchange(ref _running, 1) == 0)
        {
            _ = RunAsync(sessions);
        }
    }

    /// <summary>The tokens of given-up seats are free again, and the log is told.</summary>
    /// <exception cref="RoomStoreException">The store did not answer; the claims lapse by themselves.</exception>
    public async ValueTask SettleAsync(string room, RoomChange change)
    {
        foreach (Seat seat in change.Gone)
        {
            SignalingLog.SeatGone(server.Log, seat.PeerId, server.Names.Of(room));
            if (seat.TokenId is { } token)
            {
                await server.Store.ReleaseTokenAsync(token, seat.AttemptHash, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The same where a failure is counted and logged, and nothing else.</summary>
    public async ValueTask TrySettleAsync(string room, RoomChange? change)
    {
        try
        {
            if (change is not null)
            {
                await SettleAsync(room, change).ConfigureAwait(false);
            }
        }
        catch (RoomStoreException exception)
        {
            server.StoreFailed(exception);
        }
    }

    private async Task RunAsync(ICollection<Session> sessions)
    {
        try
        {
            await ExpireAsync().ConfigureAwait(false);
            TimeSpan now = server.Time.GetElapsedTime(0);
            await Parallel.ForEachAsync(
                sessions.Where(session => session.RenewalDue(now)),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
                (session, _) => session.RenewAsync()).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            // Tried again with the next tick; leases outlast some failures.
            server.StoreFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    private async ValueTask ExpireAsync()
    {
        while (TryTakeDue(out string? room))
        {
            try
            {
                RoomChange change = await server.Store.UpdateAsync(room!, RoomRules.Expire, CancellationToken.None).ConfigureAwait(false);
                await SettleAsync(room!, change).ConfigureAwait(false);
            }
            catch (RoomStoreException)
            {
                Watch(room!, server.Time.GetUtcNow());
                throw;
            }
        }
    }

    private bool TryTakeDue(out string? room)
    {
        lock (_lock)
        {
            if (_due.TryPeek(out room, out DateTimeOffset at) && at <= server.Time.GetUtcNow())
            {
                _due.Dequeue();
                return true;
            }

            return false;
        }
    }
}
