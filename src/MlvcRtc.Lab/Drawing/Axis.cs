using System.Globalization;

namespace MlvcRtc.Lab.Drawing;

/// <summary>Maps values to pixels and chooses round ticks.</summary>
/// <param name="Low">Value at <paramref name="PixelLow"/>.</param>
/// <param name="Step">1, 2 or 5 times a power of ten.</param>
internal sealed record Axis(double Low, double High, double Step, double PixelLow, double PixelHigh)
{
    private const int AimedTicks = 6;

    public IEnumerable<double> Ticks
    {
        get
        {
            for (long n = (long)Math.Ceiling((Low / Step) - 1e-9); n * Step <= High + (Step * 1e-9); n++)
            {
                yield return n * Step;
            }
        }
    }

    /// <param name="fixedLow">Null = from the data.</param>
    /// <param name="fixedHigh">Null = from the data.</param>
    /// <param name="exact">True: the axis ends where the data ends; false: at the next tick.</param>
    public static Axis Covering(IEnumerable<double> values, double? fixedLow, double? fixedHigh, bool exact, double pixelLow, double pixelHigh)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        double low = fixedLow ?? (finite.Length > 0 ? finite.Min() : 0);
        double high = fixedHigh ?? (finite.Length > 0 ? finite.Max() : 1);
        if (high <= low)
        {
            high = low + 1;
        }

        double raw = (high - low) / AimedTicks;
        double power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 });
        if (!exact)
        {
            low = fixedLow ?? Math.Floor(low / step) * step;
            high = fixedHigh ?? Math.Ceiling(high / step) * step;
        }

        return new Axis(low, high, step, pixelLow, pixelHigh);
    }

    public double At(double value) => PixelLow + ((Math.Clamp(value, Low, High) - Low) / (High - Low) * (PixelHigh - PixelLow));

    public string Format(double tick) => tick.ToString(Step >= 1 ? "0" : Step >= 0.1 ? "0.0" : "0.0##", CultureInfo.InvariantCulture);
}
