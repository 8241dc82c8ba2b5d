namespace MlvcRtc.Call.Statistics;

/// <summary>
/// Percentiles of durations over any number of samples in fixed memory: a histogram whose buckets grow by 1 %, from 10 µs
/// to 100 s, so every answer is within 0.5 %. Safe for one writer and any readers.
/// </summary>
public sealed class RunningPercentiles
{
    private const double SmallestMs = 0.01;
    private const double Growth = 1.01;
    private const int Buckets = 1622;  // ceil(ln(100,000 ms / 0.01 ms) / ln 1.01) + 1

    private readonly long[] _counts = new long[Buckets];
    private readonly Lock _guard = new();
    private long _total;

    public long Samples
    {
        get
        {
            lock (_guard)
            {
                return _total;
            }
        }
    }

    /// <summary>Adds one sample; below 10 µs counts as 10 µs, above 100 s as 100 s.</summary>
    public void Add(TimeSpan sample)
    {
        double steps = Math.Log(Math.Max(sample.TotalMilliseconds, SmallestMs) / SmallestMs) / Math.Log(Growth);
        int bucket = Math.Min((int)Math.Round(steps), Buckets - 1);
        lock (_guard)
        {
            _counts[bucket]++;
            _total++;
        }
    }

    /// <summary>The nearest-rank percentile; zero without samples.</summary>
    /// <param name="percent">0..100.</param>
    public TimeSpan At(double percent)
    {
        lock (_guard)
        {
            long rank = Math.Max(1, (long)Math.Ceiling(percent / 100 * _total));
            long seen = 0;
            for (int bucket = 0; bucket < Buckets; bucket++)
            {
                seen += _counts[bucket];
                if (seen >= rank)
                {
                    return TimeSpan.FromMilliseconds(SmallestMs * Math.Pow(Growth, bucket));
                }
            }

            return TimeSpan.Zero;
        }
    }
}
