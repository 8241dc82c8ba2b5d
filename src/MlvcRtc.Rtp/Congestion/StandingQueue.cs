namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// Sees a queue that is full and stays full, which the trend of the delay cannot: it does not grow. Ours; on 100 kbit/s, where a start at 300 fills a
/// queue of 300 ms before the trend has its 20 groups, the draft's controller stays there for good (measured: 300 ms at 10 % loss).
/// One thread at a time.
/// </summary>
public sealed class StandingQueue
{
    /// <summary>What a call may wait in a queue: the bound that we are tested against, and LEDBAT's (RFC 6817 §2.5: 100 ms).</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromMilliseconds(100);

    /// <summary>A fall by 0.15 of the capacity drains 0.15 · 1.5 s = 225 ms of a queue: by then it must show.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);

    /// <summary>A queue that is shorter by less than this after a fall is not ours.</summary>
    private const double LeastEffect = 0.9;

    private readonly RecentMinimum _now = new(TimeSpan.FromMilliseconds(100), 5);
    private readonly RecentMinimum _empty = new(TimeSpan.FromSeconds(1), 30);  // long enough for key frames and drops to drain in between
    private TimeSpan? _alarm;
    private TimeSpan _atAlarm;

    /// <summary>Least wait of the last half second.</summary>
    public TimeSpan Delay => _now.Value - _empty.Value ?? TimeSpan.Zero;

    /// <summary>A packet arrived; its way took this long, plus the unknown difference of the clocks.</summary>
    public void Add(TimeSpan way, TimeSpan arrival)
    {
        _now.Add(way, arrival);
        _empty.Add(way, arrival);
    }

    /// <summary>True when the rate should fall. Once, and again only while that helps: else the path became longer or belongs to others, and is taken as it is.</summary>
    public bool Alarms(TimeSpan now)
    {
        TimeSpan delay = Delay;
        if (delay <= Tolerated)
        {
            _alarm = null;
            return false;
        }

        if (now - _alarm < Patience)
        {
            return false;
        }

        if (_alarm is not null && delay > LeastEffect * _atAlarm)
        {
            _empty.Clear();
            _alarm = null;
            return false;
        }

        _alarm = now;
        _atAlarm = delay;
        return true;
    }
}
