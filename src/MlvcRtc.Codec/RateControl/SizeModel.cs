namespace MlvcRtc.Codec.RateControl;

/// <summary>
/// Size of a frame by quality: ln(bits) = level + slope·(q − pivot). Level follows what frames really cost; the slope follows slowly, learning only from
/// what the level did not foresee when q moved, because a controller that holds bits constant would otherwise teach itself a flat slope.
/// </summary>
internal sealed class SizeModel(double level, double pivot, double slope)
{
    /// <summary>Bounds of the slope per unit of q. Measured with mlvc-xs over q 0 to 63: key frames 0.025 to 0.027, others by shift 0.018 to 0.046; published for mlvc: 0.032 to 0.083.</summary>
    public const double MinSlope = 0.015;

    /// <inheritdoc cref="MinSlope"/>
    public const double MaxSlope = 0.1;

    /// <summary>Share of a surprise that is taken for a wrong slope.</summary>
    private const double SlopeGain = 0.1;

    /// <summary>Squared step of q at which half of <see cref="SlopeGain"/> applies; smaller steps say little.</summary>
    private const double SlopeStep = 16;

    private double _pivot = pivot;

    /// <summary>ln(bits) at the pivot.</summary>
    public double Level { get; private set; } = level;

    /// <summary>d ln(bits) / dq.</summary>
    public double Slope { get; private set; } = slope;

    /// <summary>Expected ln(bits) at quality index <paramref name="q"/>.</summary>
    public double LogBits(double q) => Level + (Slope * (q - _pivot));

    /// <summary>Learns from one frame.</summary>
    /// <param name="q">Its quality index.</param>
    /// <param name="surprise">ln(real bits) − ln(expected bits).</param>
    /// <param name="gain">Share of the surprise that moves the level, 0..1.</param>
    public void Learn(double q, double surprise, double gain)
    {
        double step = q - _pivot;
        double bounded = Math.Clamp(surprise, -0.5, 0.5);
        Slope = Math.Clamp(Slope + (SlopeGain * bounded * step / ((step * step) + SlopeStep)), MinSlope, MaxSlope);
        Level += gain * surprise;
        Level += Slope * gain * step;
        _pivot += gain * step;
    }

    /// <summary>Moves the level alone: something said that all frames cost more (or less).</summary>
    public void Shift(double logBits) => Level += logBits;
}
