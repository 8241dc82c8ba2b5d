namespace MlvcRtc.Rtp.Congestion;

/// <summary>The smallest of the values of a sliding window, in steps of a part of it. Allocates nothing. One thread at a time.</summary>
internal sealed class RecentMinimum
{
    private readonly TimeSpan _step;
    private readonly TimeSpan[] _least;  // of each step
    private readonly long[] _at;

    public RecentMinimum(TimeSpan step, int steps)
    {
        _step = step;
        _least = new TimeSpan[steps];
        _at = new long[steps];
        Clear();
    }

    /// <summary>As of the last <see cref="Add"/>; null when empty.</summary>
    public TimeSpan? Value { get; private set; }

    public void Clear()
    {
        Array.Fill(_at, long.MinValue);
        Value = null;
    }

    public void Add(TimeSpan value, TimeSpan now)
    {
        long step = now.Ticks / _step.Ticks;
        int place = (int)(((step % _at.Length) + _at.Length) % _at.Length);
        bool same = _at[place] == step;
        _least[place] = same && _least[place] < value ? _least[place] : value;
        _at[place] = step;
        TimeSpan least = value;
        for (int i = 0; i < _at.Length; i++)
        {
            bool recent = _at[i] > step - _at.Length && _at[i] <= step;
            least = recent && _least[i] < least ? _least[i] : least;
        }

        Value = least;
    }
}
