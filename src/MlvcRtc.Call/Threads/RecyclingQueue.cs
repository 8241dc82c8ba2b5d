namespace MlvcRtc.Call.Threads;

/// <summary>
/// A bounded first-in-first-out queue between two threads whose items are reused: the producer rents, fills and publishes;
/// the consumer takes, reads and returns. An item belongs to one side at a time. Allocates nothing once the items exist.
/// </summary>
public sealed class RecyclingQueue<T> : IDisposable
    where T : class
{
    private readonly Lock _guard = new();
    private readonly WakeSignal _changed = new();
    private readonly Queue<T> _ready;
    private readonly Stack<T> _free;
    private readonly Func<T> _make;
    private readonly int _capacity;

    /// <param name="capacity">Published items that wait at most.</param>
    /// <param name="make">Makes an item; called at most capacity + 2 times when each side holds one.</param>
    public RecyclingQueue(int capacity, Func<T> make)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _make = make;
        _ready = new Queue<T>(capacity);
        _free = new Stack<T>(capacity + 2);
    }

    /// <summary>Items published and not taken.</summary>
    public int Count
    {
        get
        {
            lock (_guard)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>An item to fill; null when the queue is full.</summary>
    public T? Rent()
    {
        lock (_guard)
        {
            return _ready.Count >= _capacity ? null : TakeFree();
        }
    }

    /// <summary>An item to fill; when the queue is full, the oldest published one (<paramref name="droppedOldest"/>).</summary>
    public T RentOrDropOldest(out bool droppedOldest)
    {
        lock (_guard)
        {
            droppedOldest = _ready.Count >= _capacity;
            return droppedOldest ? _ready.Dequeue() : TakeFree();
        }
    }

    /// <summary>Hands a rented item to the consumer.</summary>
    public void Publish(T item)
    {
        lock (_guard)
        {
            _ready.Enqueue(item);
        }

        Wake();
    }

    /// <summary>The oldest published item, or null.</summary>
    public T? TryTake()
    {
        lock (_guard)
        {
            return _ready.TryDequeue(out T? item) ? item : null;
        }
    }

    /// <summary>Gives a taken item back for reuse.</summary>
    public void Return(T item)
    {
        lock (_guard)
        {
            _free.Push(item);
        }
    }

    /// <summary>Ends the consumer's wait, for something other than an item to look at.</summary>
    public void Wake() => _changed.Wake();

    /// <inheritdoc cref="WakeSignal.Wait"/>
    public void Wait(TimeSpan? timeout, CancellationToken stop) => _changed.Wait(timeout, stop);

    public void Dispose() => _changed.Dispose();

    private T TakeFree() => _free.TryPop(out T? item) ? item : _make();
}
