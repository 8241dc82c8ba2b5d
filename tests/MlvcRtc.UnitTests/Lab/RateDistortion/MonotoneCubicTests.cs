using MlvcRtc.Lab.RateDistortion;

namespace MlvcRtc.UnitTests.Lab.RateDistortion;

public sealed class MonotoneCubicTests
{
    [Fact]
    public void The_curve_goes_through_its_points_and_stays_level_beyond_them()
    {
        MonotoneCubic curve = new([0, 1, 3, 4], [2, 5, 6, 9]);

        Assert.Equal([2, 5, 6, 9, 2, 9], new double[] { 0, 1, 3, 4, -7, 11 }.Select(curve.At));
    }

    [Fact]
    public void A_rising_row_with_a_sudden_step_gives_a_curve_that_never_falls_or_overshoots()
    {
        MonotoneCubic curve = new([0, 1, 2, 3, 4, 5], [0, 0.01, 0.02, 9.98, 9.99, 10]);

        double[] values = [.. Enumerable.Range(0, 501).Select(i => curve.At(i / 100.0))];

        Assert.All(values.Zip(values.Skip(1)), pair => Assert.True(pair.Second >= pair.First));
        Assert.InRange(values.Max(), 0, 10);
    }

    [Fact]
    public void A_straight_line_is_kept_and_its_area_is_exact()
    {
        MonotoneCubic line = new([0, 1, 4, 6], [1, 3, 9, 13]);

        Assert.Equal((2 * 2.7) + 1, line.At(2.7), 12);
        Assert.Equal((5.5 * 5.5) + 5.5 - (0.5 * 0.5) - 0.5, line.Integral(0.5, 5.5), 12);  // x² + x between the ends
    }

    [Fact]
    public void The_area_is_that_of_many_thin_slices()
    {
        MonotoneCubic curve = new([0, 1, 3, 4], [2, 5, 6, 9]);
        const int slices = 100_000;

        double sum = Enumerable.Range(0, slices).Sum(i => curve.At(0.3 + ((i + 0.5) * 3.5 / slices))) * 3.5 / slices;

        Assert.Equal(sum, curve.Integral(0.3, 3.8), 6);
    }

    [Fact]
    public void Points_that_do_not_rise_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MonotoneCubic([0], [1]));
        Assert.Throws<ArgumentException>(() => new MonotoneCubic([0, 0], [1, 2]));
        Assert.Throws<ArgumentException>(() => new MonotoneCubic([0, double.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => new MonotoneCubic([0, 1, 2], [1, 2]));
    }
}
