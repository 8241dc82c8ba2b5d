using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

public sealed class RateControlTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void On_overuse_the_rate_falls_to_85_percent_of_what_arrives()
    {
        DelayRateControl control = new(1000, 50, 6000);
        Assert.True(control.Update(BottleneckUse.Overuse, 600, RoundTrip, mayRise: true, S(1)));
        Assert.Equal(510, control.Kbps, 6);

        // Again only after a round trip: the feedback still speaks of the time before.
        control.Update(BottleneckUse.Overuse, 500, RoundTrip, mayRise: true, S(1.05));
        Assert.Equal(510, control.Kbps, 6);
        control.Update(BottleneckUse.Overuse, 500, RoundTrip, mayRise: true, S(1.15));
        Assert.Equal(425, control.Kbps, 6);
    }

    [Fact]
    public void While_the_queue_drains_the_rate_waits()
    {
        DelayRateControl control = new(500, 50, 6000);
        for (double t = 0; t < 2; t += 0.1)
        {
            control.Update(BottleneckUse.Underuse, 500, RoundTrip, mayRise: true, S(t));
        }

        Assert.Equal(500, control.Kbps, 6);
    }

    [Fact]
    public void Far_from_the_capacity_the_rate_rises_by_8_percent_a_second()
    {
        DelayRateControl control = new(500, 50, 6000);
        Calm(control, 0, 2, delivered: 500);
        Assert.Equal(500 * 1.08 * 1.08, control.Kbps, 3);
    }

    [Fact]
    public void Near_the_capacity_the_rate_rises_by_a_packet_per_response_time()
    {
        DelayRateControl control = new(600, 50, 6000);
        control.Update(BottleneckUse.Overuse, 600, RoundTrip, mayRise: true, S(0));
        double low = control.Kbps;                    // 510
        Calm(control, 0.1, 1.1, delivered: 520);      // the first calm update ends the pause
        Assert.Equal(low + (8 * 1000 / 200.0), control.Kbps, 3);   // 1000 bytes in 100 + 100 ms: 40 kbit/s a second
    }

    [Fact]
    public void The_rate_stays_close_to_what_arrives_and_to_what_is_used()
    {
        DelayRateControl control = new(500, 50, 6000);
        Calm(control, 0, 60, delivered: 400);
        Assert.Equal(610, control.Kbps, 3);   // 1.5 · 400 + 10

        control = new(500, 50, 6000);
        Calm(control, 0, 60, delivered: 100);
        Assert.Equal(500, control.Kbps, 3);   // no reason to fall either

        control = new(500, 50, 6000);
        for (double t = 0; t < 10; t += 0.1)
        {
            control.Update(BottleneckUse.Normal, 500, RoundTrip, mayRise: false, S(t));
        }

        Assert.Equal(500, control.Kbps, 3);   // the application does not use it
    }

    [Fact]
    public void The_rate_keeps_its_bounds()
    {
        DelayRateControl control = new(100, 50, 120);
        Calm(control, 0, 60, delivered: 1000);
        Assert.Equal(120, control.Kbps, 6);
        control.Update(BottleneckUse.Overuse, 1, RoundTrip, mayRise: true, S(61));
        Assert.Equal(50, control.Kbps, 6);
        control.JumpTo(10_000, S(62));
        Assert.Equal(120, control.Kbps, 6);
    }

    [Fact]
    public void Right_after_a_probe_what_arrived_before_is_no_measure()
    {
        DelayRateControl control = new(300, 50, 6000);
        control.JumpTo(1000, S(1));
        control.Update(BottleneckUse.Overuse, 400, RoundTrip, mayRise: true, S(1.3));
        Assert.Equal(1000 * 0.85 * 0.85, control.Kbps, 3);
        control.Update(BottleneckUse.Overuse, 400, RoundTrip, mayRise: true, S(1.7));
        Assert.Equal(340, control.Kbps, 3);
    }

    [Theory]
    [InlineData(1, 525)]    // below 2 %: 1.05
    [InlineData(5, 500)]
    [InlineData(10, 500)]
    [InlineData(20, 450)]   // above 10 %: 1 - 0.5 · 0.2
    [InlineData(80, 300)]   // 1 - 0.5 · 0.8
    public void Losses_bring_the_rate_down_when_they_are_many(int lostPercent, double expectedKbps)
    {
        LossRateControl control = new(50, 6000);
        control.Update(1000, null, S(0));
        control.Add(100, 100);
        control.Update(1000, null, S(0.2));
        Assert.Equal(500, control.Kbps, 6);   // from here

        control.Add(100, lostPercent);
        control.Update(500, null, S(0.4));
        Assert.Equal(lostPercent / 100.0, control.LossRatio!.Value, 6);
        Assert.Equal(expectedKbps, control.Kbps, 6);
    }

    [Fact]
    public void Losses_of_what_was_sent_before_do_not_push_the_rate_far_below_what_arrives()
    {
        LossRateControl control = new(50, 6000);
        control.Update(260, 300, S(0));
        for (int step = 1; step < 5; step++)
        {
            control.Add(100, 60);
            control.Update(260, 300, S(0.2 * step));
        }

        Assert.Equal(210, control.Kbps, 3);   // 0.7 · 300
    }

    [Fact]
    public void A_packet_that_comes_after_all_is_not_lost()
    {
        LossRateControl control = new(50, 6000);
        control.Update(500, null, S(0));
        control.Add(40, 4);
        control.Add(0, -4);
        control.Update(500, null, S(0.2));
        Assert.Equal(0, control.LossRatio);
    }

    [Fact]
    public void Few_packets_say_little()
    {
        LossRateControl control = new(50, 6000);
        control.Update(500, null, S(0));
        control.Add(19, 19);
        control.Update(500, null, S(1));
        Assert.Null(control.LossRatio);
        Assert.Equal(6000, control.Kbps);
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static void Calm(DelayRateControl control, double from, double to, double delivered)
    {
        for (int step = 0; from + (0.1 * step) < to + 0.05; step++)
        {
            control.Update(BottleneckUse.Normal, delivered, RoundTrip, mayRise: true, S(from + (0.1 * step)));
        }
    }
}
