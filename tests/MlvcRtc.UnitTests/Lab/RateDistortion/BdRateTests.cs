using MlvcRtc.Lab.RateDistortion;

namespace MlvcRtc.UnitTests.Lab.RateDistortion;

public sealed class BdRateTests
{
    private static readonly RatePoint[] Anchor = [new(1000, 41), new(500, 38), new(250, 35), new(125, 32)];

    [Fact]
    public void A_codec_compared_with_itself_needs_no_more_bits()
    {
        BdRate rate = BdRate.Compare(Anchor, Anchor);

        Assert.Equal(0, rate.Percent!.Value, 9);
        Assert.Equal(9, rate.OverlapDb, 9);
        Assert.Equal(1, rate.RateRatio, 9);
    }

    [Theory]
    [InlineData(0.5, -50)]
    [InlineData(0.9, -10)]
    [InlineData(2, 100)]
    [InlineData(4, 300)]
    public void Equal_quality_at_a_multiple_of_the_rate_is_that_multiple(double factor, double percent) =>
        Assert.Equal(percent, BdRate.Compare(Times(factor), Anchor).Percent!.Value, 6);

    [Fact]
    public void Curves_that_cross_in_the_middle_of_their_overlap_weigh_up()
    {
        // ln(rate) rises by 0.2 and by 0.4 a dB through the same point at 36 dB: what one loses below it gains above.
        RatePoint[] flat = Line(36, 300, 0.2), steep = Line(36, 300, 0.4);

        Assert.Equal(0, BdRate.Compare(flat, steep).Percent!.Value, 6);
    }

    [Fact]
    public void Only_the_qualities_that_both_reach_count()
    {
        // 36 .. 44 dB at twice the anchor's rate, the anchor 32 .. 40 dB.
        BdRate rate = BdRate.Compare(Line(40, 600 * Math.Exp(0.3 * 4), 0.3), Line(36, 300, 0.3));

        Assert.Equal(4, rate.OverlapDb, 9);
        Assert.Equal(100, rate.Percent!.Value, 6);
    }

    [Fact]
    public void Turning_the_comparison_round_inverts_the_ratio()
    {
        RatePoint[] other = [new(1100, 40), new(520, 37.5), new(300, 35.5), new(90, 31)];

        double there = BdRate.Compare(other, Anchor).Percent!.Value, back = BdRate.Compare(Anchor, other).Percent!.Value;

        Assert.Equal(1, (1 + (there / 100)) * (1 + (back / 100)), 9);
    }

    [Fact]
    public void Four_points_of_two_encodings_give_what_a_second_implementation_makes_of_them()
    {
        // Two x265 presets (the example of the package "bjontegaard"); the value is that of the same curves in power form, summed in 4,000,000 slices by numpy.
        RatePoint[] test = [new(9787.80, 40.121), new(4469.00, 38.651), new(2451.52, 36.970), new(1356.24, 34.987)];
        RatePoint[] anchor = [new(9487.76, 40.037), new(4593.60, 38.615), new(2486.44, 36.845), new(1358.24, 34.851)];

        Assert.Equal(-4.417485, BdRate.Compare(test, anchor).Percent!.Value, 4);
    }

    [Fact]
    public void The_order_of_the_points_does_not_matter() =>
        Assert.Equal(-50, BdRate.Compare([.. Times(0.5).Reverse()], [Anchor[2], Anchor[0], Anchor[3], Anchor[1]]).Percent!.Value, 6);

    [Fact]
    public void Curves_without_a_common_quality_are_compared_at_the_ends_that_face_each_other()
    {
        RatePoint[] poor = [new(400, 28), new(700, 30.5)];

        BdRate rate = BdRate.Compare(poor, Anchor);

        Assert.Null(rate.Percent);
        Assert.Equal(-1.5, rate.OverlapDb, 9);
        Assert.Equal(700.0 / 125, rate.RateRatio, 9);
    }

    [Fact]
    public void A_common_range_of_less_than_two_decibels_is_no_overlap_and_the_ratio_is_that_of_its_middle()
    {
        RatePoint[] shifted = Line(31, 300, 0.3);  // 27 .. 35 dB
        RatePoint[] anchor = Line(37.5, 200, 0.3);  // 33.5 .. 41.5 dB

        BdRate rate = BdRate.Compare(shifted, anchor);

        Assert.Null(rate.Percent);
        Assert.Equal(1.5, rate.OverlapDb, 9);
        Assert.Equal(1.5 * Math.Exp(0.3 * 6.5), rate.RateRatio, 6);
    }

    [Fact]
    public void Of_two_points_of_one_quality_the_cheaper_counts() =>
        Assert.Equal(0, BdRate.Compare([.. Anchor, new(900, 38)], Anchor).Percent!.Value, 9);

    [Fact]
    public void A_single_point_is_no_curve_and_a_rate_is_above_zero()
    {
        Assert.Throws<ArgumentException>(() => BdRate.Compare([Anchor[0]], Anchor));
        Assert.Throws<ArgumentException>(() => BdRate.Compare([new(0, 30), new(10, 35)], Anchor));
    }

    private static RatePoint[] Times(double factor) => [.. Anchor.Select(point => point with { Kbps = point.Kbps * factor })];

    /// <summary>Five points within 4 dB of a centre, ln(rate) straight over quality.</summary>
    private static RatePoint[] Line(double centreDb, double centreKbps, double slope) =>
        [.. Enumerable.Range(-2, 5).Select(step => new RatePoint(centreKbps * Math.Exp(slope * 2 * step), centreDb + (2 * step)))];
}
