namespace MlvcRtc.Signaling.Limits;

/// <summary>What one address or subject has used of its <see cref="Allotment"/>. Thread-safe.</summary>
internal sealed class Allowance(Allotment allotment)
{
    private readonly Lock _lock = new();
    private readonly TokenBucket _joins = new(allotment.JoinsPerSecond, Math.Max(1, allotment.JoinsPerSecond * Allotment.JoinBurstSeconds));
    private readonly TokenBucket _messages = new(allotment.MessagesPerSecond, Math.Max(1, allotment.MessagesPerSecond * Allotment.MessageBurstSeconds));
    private readonly TokenBucket _bytes = new(allotment.BytesPerSecond, allotment.BytesPerSecond * Allotment.MessageBurstSeconds);

    // A rate below one per burst still has a bucket of one.
    private readonly double _refillSeconds = Math.Max(Allotment.JoinBurstSeconds, Math.Max(1 / allotment.JoinsPerSecond, 1 / allotment.MessagesPerSecond));
    private Dictionary<string, int>? _rooms;
    private int _connections;
    private TimeSpan _used;

    public bool TryConnect(TimeSpan now)
    {
        lock (_lock)
        {
            _used = now;
            bool free = _connections < allotment.Connections;
            _connections += free ? 1 : 0;
            return free;
        }
    }

    /// <summary>Counted, not limited: a seat that is taken up again was let in before.</summary>
    public void Connect(TimeSpan now)
    {
        lock (_lock)
        {
            _used = now;
            _connections++;
        }
    }

    public void Disconnect(TimeSpan now)
    {
        lock (_lock)
        {
            _used = now;
            _connections--;
        }
    }

    public bool TryJoin(TimeSpan now)
    {
        lock (_lock)
        {
            return _joins.TryTake(1, now);
        }
    }

    public bool TryMessage(int bytes, TimeSpan now)
    {
        lock (_lock)
        {
            return _messages.TryTake(1, now) && _bytes.TryTake(bytes, now);
        }
    }

    public bool TryEnter(string room)
    {
        lock (_lock)
        {
            if (_rooms is { } rooms && !rooms.ContainsKey(room) && rooms.Count >= allotment.Rooms)
            {
                return false;
            }

            Enter(room);
            return true;
        }
    }

    /// <summary>Counted, not limited: see <see cref="Connect"/>.</summary>
    public void Enter(string room)
    {
        lock (_lock)
        {
            _rooms ??= new Dictionary<string, int>(1, StringComparer.Ordinal);
            _rooms[room] = _rooms.GetValueOrDefault(room) + 1;
        }
    }

    public void Leave(string room)
    {
        lock (_lock)
        {
            if (_rooms?.TryGetValue(room, out int count) != true)
            {
                return;
            }

            if (count > 1)
            {
                _rooms[room] = count - 1;
            }
            else
            {
                _rooms.Remove(room);
            }
        }
    }

    /// <summary>Nothing is in use and every bucket is full again, so that forgetting it changes nothing.</summary>
    public bool IsIdle(TimeSpan now)
    {
        lock (_lock)
        {
            return _connections == 0 && (now - _used).TotalSeconds > _refillSeconds;
        }
    }
}
