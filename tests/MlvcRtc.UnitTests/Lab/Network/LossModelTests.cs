using MlvcRtc.Lab.Network;

namespace MlvcRtc.UnitTests.Lab.Network;

public sealed class LossModelTests
{
    [Theory]
    [InlineData(8, 5)]
    [InlineData(3, 20)]
    [InlineData(1, 10)]
    public void Bursts_have_the_mean_length_and_the_share_that_were_asked_for(double meanBurst, double percent)
    {
        const int packets = 1_000_000;
        bool[] lost = Losses(new GilbertElliottLoss(meanBurst, percent), packets);

        int losses = lost.Count(packet => packet);
        int bursts = Enumerable.Range(0, packets).Count(i => lost[i] && (i == 0 || !lost[i - 1]));

        // Burst lengths are geometric: sd = sqrt(m (m - 1)); so four standard errors of their mean are 4 m / sqrt(bursts). The share is a sum of bursts and gaps: its
        // relative error is that of the mean burst and of the mean gap together, sqrt(2) of one at most.
        double relative = 4 * Math.Sqrt(2.0 / bursts);
        Assert.InRange((double)losses / bursts, meanBurst * (1 - relative), meanBurst * (1 + relative));
        Assert.InRange(100.0 * losses / packets, percent * (1 - relative), percent * (1 + relative));
    }

    [Fact]
    public void A_burst_of_one_packet_on_average_never_loses_two_in_a_row()
    {
        bool[] lost = Losses(new GilbertElliottLoss(1, 30), 10_000);
        Assert.DoesNotContain(lost.Zip(lost.Skip(1)), pair => pair is { First: true, Second: true });
    }

    [Fact]
    public void Bursts_that_leave_no_room_between_them_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new GilbertElliottLoss(1, 51));

    [Fact]
    public void Isolated_losses_come_once_a_second_and_never_together()
    {
        // A packet every 5 ms for 1000 s; a loss a second from the second second on.
        IsolatedLoss model = new(TimeSpan.FromSeconds(1), after: TimeSpan.FromSeconds(2));
        List<double> lostAt = [];
        for (int i = 0; i < 200_000; i++)
        {
            if (model.Loses(i, 0.5, TimeSpan.FromMilliseconds(5 * i)))
            {
                lostAt.Add(5 * i);
            }
        }

        Assert.Equal(998, lostAt.Count);
        Assert.True(lostAt[0] is >= 2000 and <= 2005);
        Assert.All(lostAt.Zip(lostAt.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 495, 1505));

        // Every tenth of a 40 ms frame interval is met.
        Assert.Equal(8, lostAt.Select(at => (int)(at % 40 / 5)).Distinct().Count());
    }

    [Fact]
    public void After_a_pause_the_instants_that_passed_cost_one_packet_only()
    {
        IsolatedLoss model = new(TimeSpan.FromSeconds(1), after: TimeSpan.Zero);
        Assert.True(model.Loses(0, 0.5, TimeSpan.FromSeconds(30)));
        Assert.False(model.Loses(1, 0.5, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void In_a_blackout_everything_is_lost_and_before_and_after_it_what_is_lost_otherwise()
    {
        Blackout model = new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(6), new ListedLoss(1));
        Assert.Equal(
            [false, true, false, true, true, false, false],
            new[] { 0.0, 1.0, 2.999, 3.0, 5.999, 6.0, 7.0 }.Select((at, i) => model.Loses(i, 0.5, TimeSpan.FromSeconds(at))));
    }

    private static bool[] Losses(GilbertElliottLoss model, int packets)
    {
        Random random = new(3);
        return [.. Enumerable.Range(0, packets).Select(i => model.Loses(i, random.NextDouble(), TimeSpan.Zero))];
    }
}
