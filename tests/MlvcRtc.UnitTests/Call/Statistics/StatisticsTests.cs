using MlvcRtc.Call.Statistics;

namespace MlvcRtc.UnitTests.Call.Statistics;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(33, 182, false)]   // 33 + 150 = 183 ms is the limit at 30 frames/s
    [InlineData(33, 183, true)]
    [InlineData(100, 299, false)]  // 3 · 100 ms is the limit at 10 frames/s
    [InlineData(100, 300, true)]
    public void A_freeze_is_an_interval_of_three_averages_or_150_ms_more(int usualMs, int gapMs, bool freeze)
    {
        FreezeDetector detector = new();
        int now = 0;
        for (int i = 0; i < 40; i++)
        {
            detector.Shown(TimeSpan.FromMilliseconds(now += usualMs));
        }

        detector.Shown(TimeSpan.FromMilliseconds(now + gapMs));
        Assert.Equal(freeze ? 1 : 0, detector.Count);
        Assert.Equal(freeze ? gapMs : 0, detector.TotalDuration.TotalMilliseconds);
    }

    [Fact]
    public void Percentiles_are_right_to_half_a_percent()
    {
        RunningPercentiles percentiles = new();
        for (int ms = 1000; ms >= 1; ms--)
        {
            percentiles.Add(TimeSpan.FromMilliseconds(ms));
        }

        Assert.InRange(percentiles.At(50).TotalMilliseconds, 500 * 0.995, 500 * 1.005);
        Assert.InRange(percentiles.At(95).TotalMilliseconds, 950 * 0.995, 950 * 1.005);
        Assert.InRange(percentiles.At(100).TotalMilliseconds, 1000 * 0.995, 1000 * 1.005);
        Assert.Equal(TimeSpan.Zero, new RunningPercentiles().At(50));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(1_000_000_000)]
    public void Durations_out_of_range_are_counted_at_the_nearest_end(long milliseconds)
    {
        RunningPercentiles percentiles = new();
        percentiles.Add(TimeSpan.FromMilliseconds(milliseconds));
        Assert.InRange(percentiles.At(50).TotalMilliseconds, 0.01, 101_500);
    }
}
