namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// What the bottleneck carried when it was overused: near this rate the sender feels its way, far from it it grows fast
/// (draft-ietf-rmcat-gcc-02 §5.5, "close to convergence"). One thread at a time.
/// </summary>
public sealed class LinkCapacity
{
    /// <summary>Weight of a new measurement (draft §5.5: 0.95 for the past).</summary>
    private const double Gain = 0.05;

    /// <summary>Bounds of the variance, normalised by the mean in kbit/s (libwebrtc: LinkCapacityEstimator).</summary>
    private const double MinVariance = 0.4, MaxVariance = 2.5;

    private double _variance = MinVariance;

    /// <summary>kbit/s; null = unknown.</summary>
    public double? Kbps { get; private set; }

    /// <summary>Three standard deviations above (draft §5.5).</summary>
    public double UpperKbps => Kbps is { } mean ? mean + (3 * Math.Sqrt(_variance * mean)) : double.PositiveInfinity;

    /// <summary>Three standard deviations below.</summary>
    public double LowerKbps => Kbps is { } mean ? Math.Max(0, mean - (3 * Math.Sqrt(_variance * mean))) : 0;

    public void Forget() => Kbps = null;

    /// <summary>So much was delivered while the bottleneck was overused.</summary>
    public void Add(double kbps)
    {
        double mean = Kbps is { } old ? old + (Gain * (kbps - old)) : kbps;
        double error = mean - kbps;
        _variance = Math.Clamp(((1 - Gain) * _variance) + (Gain * error * error / Math.Max(mean, 1)), MinVariance, MaxVariance);
        Kbps = mean;
    }
}
