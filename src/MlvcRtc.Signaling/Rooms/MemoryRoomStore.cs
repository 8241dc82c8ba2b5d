namespace MlvcRtc.Signaling.Rooms;

/// <summary>The rooms of a server with one node. Changes are serialised by one lock; a rule takes microseconds.</summary>
public sealed class MemoryRoomStore(TimeProvider time) : IRoomStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RoomState> _rooms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);

    public string Node => "memory";

    public bool IsReady => true;

    public event Action<RoomNote>? Arrived;

    /// <summary>Never: nothing can be interrupted within a process.</summary>
    public event Action? NotesMayBeLost
    {
        add { }
        remove { }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _rooms.Count;
            }
        }
    }

    public ValueTask<RoomChange> UpdateAsync(string room, Func<RoomState, DateTimeOffset, RoomChange> rule, CancellationToken cancel)
    {
        lock (_lock)
        {
            RoomChange change = rule(_rooms.GetValueOrDefault(room, RoomState.Empty), time.GetUtcNow());
            if (change.State.IsEmpty)
            {
                _rooms.Remove(room);
            }
            else
            {
                _rooms[room] = change.State;
            }

            // Inside the lock, so that notes keep the order of the changes; handlers do not block.
            foreach (RoomNote note in change.Notes)
            {
                Arrived?.Invoke(note);
            }

            return ValueTask.FromResult(change);
        }
    }

    public ValueTask PublishAsync(RoomNote note, CancellationToken cancel)
    {
        Arrived?.Invoke(note);
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> ClaimTokenAsync(string tokenId, string owner, TimeSpan lease, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_lock)
        {
            if (_claims.TryGetValue(tokenId, out Claim? claim) && claim.Owner != owner && claim.Until > now)
            {
                return ValueTask.FromResult(false);
            }

            _claims[tokenId] = new Claim(owner, now + lease);
            return ValueTask.FromResult(true);
        }
    }

    public ValueTask ReleaseTokenAsync(string tokenId, string owner, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_claims.TryGetValue(tokenId, out Claim? claim) && claim.Owner == owner)
            {
                _claims.Remove(tokenId);
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed record Claim(string Owner, DateTimeOffset Until);
}
