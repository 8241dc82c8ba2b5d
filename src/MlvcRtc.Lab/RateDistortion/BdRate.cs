namespace MlvcRtc.Lab.RateDistortion;

/// <summary>
/// How many more bits one codec needs for the same quality: Bjøntegaard's delta rate (VCEG-M33, 2001) with piecewise cubic curves (VCEG-AI11, 2008), as the spreadsheets of
/// JCTVC-L1100 and JVET-T2010 and ITU-T HSTP-VID-WPOM (2020) have them: the mean difference of log(rate) over the qualities that both reach.
/// </summary>
/// <param name="Percent">Negative = fewer bits than the anchor; null when the curves share less than <see cref="LeastOverlapDb"/>.</param>
/// <param name="OverlapDb">Qualities that both reach; negative = the gap between the curves.</param>
/// <param name="RateRatio">Rate over the anchor's rate at the nearest quality: in the middle of the overlap, or without any at the facing ends.</param>
public sealed record BdRate(double? Percent, double OverlapDb, double RateRatio)
{
    /// <summary>Less in common than this says little about the curves as wholes. Our choice; HSTP-VID-WPOM only warns of small overlaps.</summary>
    public const double LeastOverlapDb = 2;

    /// <summary>Qualities nearer than this are one point: encoders do not resolve them, and the curve needs rising ones.</summary>
    private const double SameQualityDb = 1e-6;

    /// <param name="curve">At least two points of different quality, in any order.</param>
    /// <param name="anchor">The same.</param>
    /// <exception cref="ArgumentException">Fewer points, or a rate that is not above zero.</exception>
    public static BdRate Compare(IEnumerable<RatePoint> curve, IEnumerable<RatePoint> anchor)
    {
        MonotoneCubic one = LogRateOverQuality(curve), other = LogRateOverQuality(anchor);
        double from = Math.Max(one.Low, other.Low), to = Math.Min(one.High, other.High);
        double overlap = to - from;

        // Beyond its end a curve gives its end's rate, so the middle of a gap compares the facing ends.
        double ratio = Math.Exp(one.At((from + to) / 2) - other.At((from + to) / 2));
        return overlap < LeastOverlapDb
            ? new BdRate(null, overlap, ratio)
            : new BdRate(100 * (Math.Exp((one.Integral(from, to) - other.Integral(from, to)) / overlap) - 1), overlap, ratio);
    }

    /// <summary>ln(rate) as a function of quality.</summary>
    private static MonotoneCubic LogRateOverQuality(IEnumerable<RatePoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        List<RatePoint> rising = [];
        foreach (RatePoint point in points.OrderBy(point => point.Quality).ThenBy(point => point.Kbps))
        {
            if (!(point.Kbps > 0))
            {
                throw new ArgumentException($"A rate of {point.Kbps} kbit/s cannot be compared; rates are above zero.", nameof(points));
            }

            // Of two points of one quality the cheaper counts: nobody would use the other.
            if (rising.Count == 0 || point.Quality - rising[^1].Quality > SameQualityDb)
            {
                rising.Add(point);
            }
        }

        return rising.Count >= 2
            ? new MonotoneCubic([.. rising.Select(point => point.Quality)], [.. rising.Select(point => Math.Log(point.Kbps))])
            : throw new ArgumentException("A rate-distortion curve needs at least two qualities.", nameof(points));
    }
}
