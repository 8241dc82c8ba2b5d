namespace MlvcRtc.Call.Statistics;

/// <summary>
/// Freezes as W3C webrtc-stats defines <c>freezeCount</c> and <c>totalFreezesDuration</c>: an interval between two shown
/// pictures of at least max(3·average, average + 150 ms), the average taken over the last 30 intervals. One thread at a time.
/// </summary>
public sealed class FreezeDetector
{
    private const int AverageOver = 30;

    /// <summary>Intervals needed before the average means anything (libwebrtc's kMinFrameSamplesToDetectFreeze).</summary>
    public const int NeededSamples = 5;

    /// <summary>What an interval must exceed the average by (webrtc-stats).</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(150);

    private readonly TimeSpan[] _intervals = new TimeSpan[AverageOver];
    private TimeSpan _sum;
    private int _samples;
    private TimeSpan? _last;

    public int Count { get; private set; }

    /// <summary>Sum of the frozen intervals, whole.</summary>
    public TimeSpan TotalDuration { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <summary>A picture was shown.</summary>
    public void Shown(TimeSpan now)
    {
        if (_last is { } last)
        {
            Judge(now - last);
        }

        _last = now;
    }

    private void Judge(TimeSpan interval)
    {
        int known = Math.Min(_samples, AverageOver);
        if (known >= NeededSamples)
        {
            TimeSpan average = _sum / known;
            TimeSpan limit = TimeSpan.FromTicks(Math.Max(3 * average.Ticks, (average + Tolerance).Ticks));
            if (interval >= limit)
            {
                Count++;
                TotalDuration += interval;
                Longest = interval > Longest ? interval : Longest;
            }
        }

        int place = _samples++ % AverageOver;
        _sum += interval - _intervals[place];
        _intervals[place] = interval;
    }
}
