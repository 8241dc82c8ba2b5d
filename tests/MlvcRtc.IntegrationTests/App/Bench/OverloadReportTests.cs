using MlvcRtc.App.Bench;

namespace MlvcRtc.IntegrationTests.App.Bench;

/// <summary>What 'bench --overload-from' makes of the times at which pictures were shown.</summary>
public sealed class OverloadReportTests
{
    private static readonly ShapeChange Full = new(0, 640, 360, HalfRate: false);

    [Fact]
    public void A_call_that_halves_its_rate_and_takes_it_back_two_seconds_after_the_relief_has_recovered_then()
    {
        List<TimeSpan> shown = [.. Every(0.1, from: 0, to: 10), .. Every(0.2, from: 10, to: 22), .. Every(0.1, from: 22, to: 30)];

        OverloadReport report = Of(shown, Full, new(10.5, 640, 360, HalfRate: true), new(22, 640, 360, HalfRate: false));

        Assert.Equal(200, report.LongestIntervalMs, 3);
        Assert.Equal(5, report.LeastShownPerSecond);
        Assert.Equal(2, report.RecoveredAfterSeconds);
    }

    [Fact]
    public void Full_rate_in_a_smaller_size_is_no_recovery()
    {
        OverloadReport report = Of([.. Every(0.1, from: 0, to: 30)], Full, new(11, 320, 180, HalfRate: false));

        Assert.Null(report.RecoveredAfterSeconds);
    }

    [Fact]
    public void A_freeze_before_the_overload_does_not_count_and_one_after_it_does()
    {
        List<TimeSpan> before = [.. Every(0.1, from: 0, to: 2), .. Every(0.1, from: 5, to: 30)];
        List<TimeSpan> after = [.. Every(0.1, from: 0, to: 21), .. Every(0.1, from: 22, to: 30)];

        Assert.Equal(100, Of(before, Full).LongestIntervalMs, 3);
        Assert.Equal(1100, Of(after, Full).LongestIntervalMs, 3);
    }

    private static OverloadReport Of(IReadOnlyList<TimeSpan> shown, params ShapeChange[] shapes) =>
        OverloadReport.Of(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), framesPerSecond: 10, shown, shapes);

    private static IEnumerable<TimeSpan> Every(double seconds, double from, double to)
    {
        for (int i = 0; from + (i * seconds) < to - 1e-9; i++)
        {
            yield return TimeSpan.FromSeconds(from + (i * seconds));
        }
    }
}
