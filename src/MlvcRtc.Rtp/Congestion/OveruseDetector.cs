namespace MlvcRtc.Rtp.Congestion;

/// <summary>Append-only: what the delay says of the bottleneck.</summary>
public enum BottleneckUse
{
    /// <summary>The queue neither grows nor shrinks.</summary>
    Normal = 0,

    /// <summary>The queue shrinks.</summary>
    Underuse = 1,

    /// <summary>The queue grows.</summary>
    Overuse = 2,
}

/// <summary>
/// Compares the delay trend with a threshold that follows its usual size, so that jitter is no alarm and competing traffic does not
/// starve us (draft-ietf-rmcat-gcc-02 §5.4). One thread at a time.
/// </summary>
public sealed class OveruseDetector
{
    /// <summary>Trend times the deltas behind it times this makes the signal (libwebrtc: kDefaultTrendlineThresholdGain).</summary>
    private const double Gain = 4;

    /// <summary>More deltas do not make the signal stronger (libwebrtc: kMinNumDeltas).</summary>
    private const int MaxDeltas = 60;

    /// <summary>How fast the threshold rises and falls, per ms: K_u and K_d (libwebrtc; the draft's table says 0.01 and 0.00018).</summary>
    private const double RiseGain = 0.0087, FallGain = 0.039;

    /// <summary>Threshold at the start, its bounds, and the excess of an outlier that does not move it (draft §5.4), in ms.</summary>
    private const double FirstThresholdMs = 12.5, MinThresholdMs = 6, MaxThresholdMs = 600, OutlierMs = 15;

    /// <summary>The signal must stand above the threshold for so long (draft §5.4: overuse_time_th).</summary>
    private const double OveruseMs = 10;

    private double _thresholdMs = FirstThresholdMs;
    private double? _aboveMs;
    private int _timesAbove;
    private double _lastSlope;
    private TimeSpan? _lastUpdate;

    public BottleneckUse Use { get; private set; }

    /// <param name="sentDelta">From the departure of the last group to that of this one.</param>
    public void Update(DelayTrend trend, TimeSpan sentDelta, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(trend);
        if (trend.Count < 2)
        {
            return;
        }

        double signal = Math.Min(trend.Count, MaxDeltas) * trend.Slope * Gain;
        if (signal > _thresholdMs)
        {
            _aboveMs = _aboveMs is { } already ? already + sentDelta.TotalMilliseconds : sentDelta.TotalMilliseconds / 2;
            _timesAbove++;
            if (_aboveMs > OveruseMs && _timesAbove > 1 && trend.Slope >= _lastSlope)
            {
                _aboveMs = 0;
                _timesAbove = 0;
                Use = BottleneckUse.Overuse;
            }
        }
        else
        {
            _aboveMs = null;
            _timesAbove = 0;
            Use = signal < -_thresholdMs ? BottleneckUse.Underuse : BottleneckUse.Normal;
        }

        _lastSlope = trend.Slope;
        MoveThreshold(Math.Abs(signal), now);
    }

    private void MoveThreshold(double signal, TimeSpan now)
    {
        double elapsedMs = Math.Clamp((now - (_lastUpdate ?? now)).TotalMilliseconds, 0, 100);
        _lastUpdate = now;
        if (signal > _thresholdMs + OutlierMs)
        {
            return;
        }

        double gain = signal < _thresholdMs ? FallGain : RiseGain;
        _thresholdMs = Math.Clamp(_thresholdMs + (gain * (signal - _thresholdMs) * elapsedMs), MinThresholdMs, MaxThresholdMs);
    }
}
