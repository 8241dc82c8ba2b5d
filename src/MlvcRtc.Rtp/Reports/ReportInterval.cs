namespace MlvcRtc.Rtp.Reports;

/// <summary>
/// How often reports go (RFC 3550 §6.2, §6.3.1), for a session of two who know each other by signaling, so that nobody has to be counted and reconsidered: the reduced minimum of 360 s / kbit/s, at most 5 s,
/// scattered over half to one and a half of it. A report of 100 bytes then takes a fifth of the 5 % that RTCP may have (§6.2), so that the rule by bandwidth never asks for more time.
/// Feedback has occasions of its own (RFC 4585) and is not held up by this.
/// </summary>
public static class ReportInterval
{
    /// <summary>The recommended minimum (RFC 3550 §6.2), an upper bound here.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private const double ReducedMinimumSeconds = 360;  // divided by kbit/s, RFC 3550 §6.2

    /// <param name="sessionKbps">Of the stream; above zero.</param>
    /// <param name="first">The first report of a stream comes after half the time (§6.2).</param>
    public static TimeSpan Next(double sessionKbps, bool first, Random random)
    {
        double seconds = Math.Min(ReducedMinimumSeconds / sessionKbps, Longest.TotalSeconds) * (first ? 0.5 : 1);
        return TimeSpan.FromSeconds(seconds * (0.5 + random.NextDouble()));
    }
}
