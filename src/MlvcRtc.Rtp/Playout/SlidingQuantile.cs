namespace MlvcRtc.Rtp.Playout;

/// <summary>Least value and quantiles of what was seen in the last while. Kept in order of size, so that asking costs nothing; allocates nothing. One thread at a time.</summary>
internal sealed class SlidingQuantile(TimeSpan window, int capacity)
{
    private readonly (TimeSpan At, TimeSpan Value)[] _arrived = new (TimeSpan, TimeSpan)[capacity];  // ring, oldest at _head
    private readonly TimeSpan[] _sorted = new TimeSpan[capacity];
    private int _head;

    public int Count { get; private set; }

    /// <summary>The least value; zero when there is none.</summary>
    public TimeSpan Least => Count == 0 ? TimeSpan.Zero : _sorted[0];

    /// <summary>The value at place floor(share · (n - 1)) of n: below n = 1 / (1 - share) that leaves out the largest one. Zero when there is none.</summary>
    /// <param name="share">0..1.</param>
    public TimeSpan At(double share) => Count == 0 ? TimeSpan.Zero : _sorted[(int)(share * (Count - 1))];

    /// <summary>Adds a value; values older than the window, and the oldest when the room is used up, are forgotten.</summary>
    public void Add(TimeSpan now, TimeSpan value)
    {
        while (Count > 0 && (Count == capacity || now - _arrived[_head].At > window))
        {
            ForgetOldest();
        }

        int place = Array.BinarySearch(_sorted, 0, Count, value);
        place = place < 0 ? ~place : place;
        Array.Copy(_sorted, place, _sorted, place + 1, Count - place);
        _sorted[place] = value;
        _arrived[(_head + Count) % capacity] = (now, value);
        Count++;
    }

    public void Clear() => Count = 0;

    private void ForgetOldest()
    {
        int place = Array.BinarySearch(_sorted, 0, Count, _arrived[_head].Value);
        Array.Copy(_sorted, place + 1, _sorted, place, Count - place - 1);
        _head = (_head + 1) % capacity;
        Count--;
    }
}
