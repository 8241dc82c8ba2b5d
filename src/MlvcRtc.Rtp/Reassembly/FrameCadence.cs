namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// When frames come: the interval of their capture and the way they take, both smoothed. Tells when a frame that is not here would have
/// arrived. Time comes in; on any clock of the sender, since only differences of capture times count.
/// </summary>
internal sealed class FrameCadence
{
    /// <summary>Weights of the newest sample in mean and deviation: those of RFC 6298 §2 for round trips.</summary>
    private const int MeanWeight = 8, DeviationWeight = 4;

    /// <summary>Frames whose interval and way are known before anything is told: twice the memory of the deviation.</summary>
    private const int NeededSamples = 8;

    /// <summary>Longer pauses are the sender's (a muted camera), not a frame interval.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private long _number;
    private TimeSpan _capture;
    private TimeSpan _interval;
    private TimeSpan _way;
    private int _samples;

    /// <summary>Mean distance of a frame's way from the mean way.</summary>
    public TimeSpan Deviation { get; private set; }

    /// <summary>Between two frames; zero until known.</summary>
    public TimeSpan Interval => _samples >= NeededSamples ? _interval : TimeSpan.Zero;

    public void Clear()
    {
        _samples = 0;
        _interval = _way = Deviation = TimeSpan.Zero;
    }

    /// <summary>A frame became whole. Frames older than the newest known are passed over.</summary>
    public void Completed(long number, TimeSpan captureTime, TimeSpan now)
    {
        if (_samples > 0 && number <= _number)
        {
            return;
        }

        TimeSpan interval = _samples > 0 ? (captureTime - _capture) / (number - _number) : TimeSpan.Zero;
        bool plausible = interval > TimeSpan.Zero && interval <= LongestInterval;
        if (_samples > 0 && !plausible)
        {
            Clear();
        }

        TimeSpan way = now - captureTime;
        if (_samples == 0)
        {
            _way = way;
        }
        else
        {
            Deviation += ((way - _way).Duration() - Deviation) / DeviationWeight;
            _way += (way - _way) / MeanWeight;
            _interval = _interval == TimeSpan.Zero ? interval : _interval + ((interval - _interval) / MeanWeight);
        }

        (_number, _capture) = (number, captureTime);
        _samples = Math.Min(_samples + 1, NeededSamples);
    }

    /// <summary>The capture time of a frame of which nothing is here, on the sender's clock; null = not known yet.</summary>
    public TimeSpan? CaptureOf(long number) => _samples >= NeededSamples ? _capture + (_interval * (number - _number)) : null;

    /// <summary>When a frame that is not whole would have been so; null = not known yet.</summary>
    public TimeSpan? Expected(long number) =>
        CaptureOf(number) + _way;
}
