namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// How fast the one-way delay grows: the slope of a straight line through the smoothed, accumulated delay differences of the last
/// groups (libwebrtc's TrendlineEstimator, which took the place of the Kalman filter of draft-ietf-rmcat-gcc-02 §5.3). One thread at a time.
/// </summary>
public sealed class DelayTrend
{
    /// <summary>Groups in the line (libwebrtc: kDefaultTrendlineWindowSize).</summary>
    public const int Samples = 20;

    /// <summary>Weight of the past in the smoothed delay (libwebrtc: kDefaultTrendlineSmoothingCoeff).</summary>
    private const double Smoothing = 0.9;

    private readonly (double AtMs, double DelayMs)[] _line = new (double, double)[Samples];
    private TimeSpan? _origin;
    private double _accumulatedMs;
    private double _smoothedMs;
    private int _next;

    /// <summary>Deltas seen.</summary>
    public int Count { get; private set; }

    /// <summary>Milliseconds of delay per millisecond; 0 until the line is full.</summary>
    public double Slope { get; private set; }

    public void Add(in GroupDelta delta)
    {
        _origin ??= delta.At;
        Count++;
        _accumulatedMs += (delta.Arrived - delta.Sent).TotalMilliseconds;
        _smoothedMs = (Smoothing * _smoothedMs) + ((1 - Smoothing) * _accumulatedMs);
        _line[_next] = ((delta.At - _origin.Value).TotalMilliseconds, _smoothedMs);
        _next = (_next + 1) % Samples;
        if (Count >= Samples)
        {
            Slope = LeastSquares() ?? Slope;
        }
    }

    private double? LeastSquares()
    {
        double meanAt = 0, meanDelay = 0;
        foreach ((double at, double delay) in _line)
        {
            meanAt += at / Samples;
            meanDelay += delay / Samples;
        }

        double covariance = 0, variance = 0;
        foreach ((double at, double delay) in _line)
        {
            covariance += (at - meanAt) * (delay - meanDelay);
            variance += (at - meanAt) * (at - meanAt);
        }

        return variance == 0 ? null : covariance / variance;
    }
}
