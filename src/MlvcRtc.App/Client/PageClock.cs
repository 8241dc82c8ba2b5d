namespace MlvcRtc.App.Client;

/// <summary>
/// Brings times of the page's clock onto ours: the least time that an item took lately is taken for the true one, so that the jitter of browser and socket does not reach the timestamps. One
/// thread at a time.
/// </summary>
internal sealed class PageClock
{
    /// <summary>How far back the least is looked for, in two halves: two clocks 100 ppm apart drift 1 ms in it.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Later than this after the least, the page's clock was set anew (a new capture) or the machine slept.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private TimeSpan? _least;       // of this half and the one before
    private TimeSpan _leastOfHalf;
    private TimeSpan _halfBegan;

    /// <summary>When the item was captured on our clock; never after <paramref name="arrival"/>.</summary>
    /// <param name="microseconds">At most 2^53.</param>
    public TimeSpan ToLocal(ulong microseconds, TimeSpan arrival)
    {
        TimeSpan offset = arrival - TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond);
        if (_least is null || offset - _least > Step || _least - offset > Step)
        {
            (_least, _leastOfHalf, _halfBegan) = (offset, offset, arrival);
        }

        _leastOfHalf = offset < _leastOfHalf ? offset : _leastOfHalf;
        _least = offset < _least ? offset : _least;
        if (arrival - _halfBegan > Window / 2)
        {
            (_least, _leastOfHalf, _halfBegan) = (_leastOfHalf, offset, arrival);
        }

        return arrival - (offset - _least!.Value);
    }
}
