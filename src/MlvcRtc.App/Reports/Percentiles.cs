namespace MlvcRtc.App.Reports;

/// <summary>p50, p95 and p99 of a set of figures, in the figures' own unit.</summary>
internal sealed record Percentiles(double P50, double P95, double P99)
{
    /// <summary>Nearest-rank percentiles (NIST e-Handbook §7.2.6.2 without interpolation): every value returned was measured. Zeros for an empty set.</summary>
    public static Percentiles Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return new(Rank(sorted, 50), Rank(sorted, 95), Rank(sorted, 99));
    }

    private static double Rank(double[] sorted, int percent) =>
        sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Max((int)Math.Ceiling(sorted.Length * percent / 100.0) - 1, 0)], 3);
}
