using MlvcRtc.App.LossLab;

namespace MlvcRtc.IntegrationTests.App.LossLab;

/// <summary>"So many more bits at equal PSNR" is what it says, on curves whose answer is known.</summary>
public sealed class EqualQualityTests
{
    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(2.0, 100)]
    [InlineData(0.5, -50)]
    public void So_many_times_the_bits_at_every_PSNR_are_so_many_percent_more(double times, double percent) =>
        Assert.Equal(percent, More([(30, 10_000), (34, 30_000), (39, 70_000)], [(30, 10_000 * times), (34, 30_000 * times), (39, 70_000 * times)])!.Value, 0.01);

    [Fact]
    public void Curves_of_other_PSNRs_are_compared_where_both_have_one_in_whatever_order_they_were_measured()
    {
        // Both on lines of ln(bytes) over dB, the other a fifth above the plain one; its bend at 38 dB lies beyond what plain reaches.
        static double Line(double psnr) => 10_000 * Math.Exp((psnr - 30) / 5);
        Assert.Equal(20, More([(36, Line(36)), (30, Line(30)), (33, Line(33))], [(42, 50 * Line(42)), (32, 1.2 * Line(32)), (38, 1.2 * Line(38))])!.Value, 0.05);
    }

    [Fact]
    public void A_price_paid_in_the_middle_only_counts_half()
    {
        // 1.44 times the bits in the middle and none at the ends: the mean of the logarithm is half of ln 1.44, the square root of 1.44; 33 samples of the triangle miss a little of it.
        Assert.InRange(More([(30, 10_000), (34, 20_000), (38, 40_000)], [(30, 10_000), (34, 28_800), (38, 40_000)])!.Value, 19, 20);
    }

    [Fact]
    public void Curves_without_a_common_PSNR_are_not_compared()
    {
        Assert.Null(More([(30, 10_000), (33, 20_000)], [(33, 20_000), (36, 30_000)]));
        Assert.Null(More([(36, 10_000), (39, 20_000)], [(30, 20_000), (33, 30_000)]));
    }

    private static double? More((double Psnr, double Bytes)[] plain, (double Psnr, double Bytes)[] other) => EqualQuality.MoreBitsPercent([.. plain.Select(Trial)], [.. other.Select(Trial)]);

    /// <summary>Two frames, so that their sum counts.</summary>
    private static PredictionTrial Trial((double Psnr, double Bytes) point)
    {
        int first = (int)(point.Bytes * 0.75);
        return new([first, (int)Math.Round(point.Bytes) - first], point.Psnr);
    }
}
