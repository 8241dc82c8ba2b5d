namespace MlvcRtc.App.Reports;

/// <summary>How a long run changes the process, its first sixth left out: that of an hour's ten minutes, in which caches and pools fill.</summary>
/// <param name="FromMinute">Where the judged part begins.</param>
/// <param name="ManagedHeapMbPerMinute">Slope of the straight line through the samples.</param>
/// <param name="ResidentMbPerMinute">The same.</param>
/// <param name="ThreadsSpread">Most less fewest.</param>
/// <param name="HandlesSpread">The same.</param>
internal sealed record HealthTrend(double FromMinute, double ManagedHeapMbPerMinute, double ResidentMbPerMinute, int ThreadsSpread, int HandlesSpread)
{
    private const double LeftOut = 1.0 / 6;

    /// <param name="samples">With the minutes since the start; null is returned for fewer than three judged ones.</param>
    public static HealthTrend? Of(IReadOnlyList<(double Minute, ProcessHealth Health)> samples)
    {
        (double Minute, ProcessHealth Health)[] judged = [.. samples.Where(sample => sample.Minute >= LeftOut * samples[^1].Minute)];
        if (judged.Length < 3)
        {
            return null;
        }

        return new(
            Math.Round(judged[0].Minute, 2),
            Slope(health => health.ManagedHeapMb),
            Slope(health => health.ResidentMb),
            Spread(health => health.Threads),
            Spread(health => health.Handles));

        double Slope(Func<ProcessHealth, double> figure)
        {
            double meanX = judged.Average(sample => sample.Minute), meanY = judged.Average(sample => figure(sample.Health));
            double above = judged.Sum(sample => (sample.Minute - meanX) * (figure(sample.Health) - meanY));
            return Math.Round(above / judged.Sum(sample => (sample.Minute - meanX) * (sample.Minute - meanX)), 3);
        }

        int Spread(Func<ProcessHealth, int> figure) => judged.Max(sample => figure(sample.Health)) - judged.Min(sample => figure(sample.Health));
    }
}
