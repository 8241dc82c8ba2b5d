namespace MlvcRtc.Call.Adaptation;

/// <summary>
/// The one place that says how many bits a sender may use; encoder and pacer read it before every frame. Set by hand here;
/// the congestion controller's estimate and the machine's load come in at this point. Thread-safe.
/// </summary>
public sealed class TargetRate
{
    private double _kbps;

    /// <param name="kbps">kbit/s (1 kbit = 1000 bit) of coded video; above 0.</param>
    public TargetRate(double kbps) => Kbps = kbps;

    /// <summary>Whatever is set, <see cref="Kbps"/> stays at or below it; above 0. Default: no ceiling.</summary>
    public double CeilingKbps { get; init; } = double.PositiveInfinity;

    /// <summary>kbit/s of coded video; above 0.</summary>
    public double Kbps
    {
        get => Volatile.Read(ref _kbps);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            Volatile.Write(ref _kbps, Math.Min(value, CeilingKbps));
        }
    }
}
