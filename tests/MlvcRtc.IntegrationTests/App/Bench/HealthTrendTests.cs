using MlvcRtc.App.Reports;

namespace MlvcRtc.IntegrationTests.App.Bench;

/// <summary>What a long run says of a process that leaks, and of one that only fills its pools.</summary>
public sealed class HealthTrendTests
{
    [Fact]
    public void Memory_that_grows_by_two_megabytes_a_minute_is_told_as_that()
    {
        HealthTrend trend = HealthTrend.Of([.. Enumerable.Range(1, 60).Select(minute => ((double)minute, new ProcessHealth(5, 100 + (2 * minute), 20, 4, 60)))])!;

        Assert.Equal(10, trend.FromMinute);
        Assert.Equal(0, trend.ManagedHeapMbPerMinute);
        Assert.Equal(2, trend.ResidentMbPerMinute, 3);
        Assert.Equal((0, 0), (trend.ThreadsSpread, trend.HandlesSpread));
    }

    [Fact]
    public void What_happens_in_the_first_ten_minutes_of_an_hour_is_no_growth_and_a_thread_that_stays_later_is_seen()
    {
        HealthTrend trend = HealthTrend.Of([.. Enumerable.Range(1, 60).Select(minute => ((double)minute, new ProcessHealth(5, minute < 10 ? 50 : 150, minute < 30 ? 20 : 21, 4, 60)))])!;

        Assert.Equal(0, trend.ResidentMbPerMinute, 3);
        Assert.Equal(1, trend.ThreadsSpread);
    }
}
