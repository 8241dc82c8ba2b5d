using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Pacing;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

public sealed class ProbeTests
{
    [Fact]
    public void A_train_leaves_evenly_and_ends_with_enough_packets_and_bytes()
    {
        ProbeTrain train = new();
        Assert.Null(train.NextSend);
        train.Start(new ProbePlan(1, Kbps: 800), S(1));   // 15 ms of it: 1,500 bytes
        List<double> times = [];
        while (train.NextSend is { } next)
        {
            times.Add((next - S(1)).TotalMilliseconds);
            train.Sent(200);
        }

        Assert.Equal([0, 2, 4, 6, 8, 10, 12, 14], times);   // 200 bytes in 2 ms; the eighth makes 1,600

        train.Start(new ProbePlan(2, Kbps: 100), S(2));     // 188 bytes, but five packets
        int packets = 0;
        for (; train.Cluster != 0; packets++)
        {
            train.Sent(200);
        }

        Assert.Equal(5, packets);
    }

    [Theory]
    [InlineData(900, 2000, 900)]     // the path carries it
    [InlineData(900, 500, 475)]      // slowed: 0.95 of what arrived
    public void A_train_tells_its_rate(double sentKbps, double linkKbps, double expectedKbps)
    {
        Assert.Equal(expectedKbps, Measure(sentKbps, linkKbps, lost: []).Last(), 3);
    }

    [Fact]
    public void A_train_that_lost_one_packet_still_tells_its_rate()
    {
        // A hole makes the rate look lower, never higher: 8 packets in the time of 9.
        Assert.Equal(800, Measure(900, 2000, lost: [3]).Last(), 3);
        Assert.Empty(Measure(900, 2000, lost: [1, 2, 3, 4]));   // less than 80 % of the bytes
    }

    [Fact]
    public void The_first_probes_are_three_and_six_times_the_start()
    {
        ProbePlanner planner = new(300, 6000);
        planner.Start(S(0));
        planner.Start(S(0));
        Assert.Equal([900, 1800], Taken(planner));

        ProbePlanner capped = new(300, 800);
        capped.Start(S(0));
        Assert.Equal([800], Taken(capped));
    }

    [Fact]
    public void A_probe_that_finds_room_calls_for_another_until_one_finds_none()
    {
        ProbePlanner planner = Started();
        planner.Measured(1800, S(0.2));
        Assert.Equal([3600], Taken(planner));
        planner.Measured(2000, S(0.4));   // of 3600: that was the end of it
        Assert.Empty(Taken(planner));
    }

    [Fact]
    public void First_probes_without_result_are_sent_again_twice()
    {
        ProbePlanner planner = Started();
        List<double> taken = [];
        for (double t = 0; t < 20; t += 0.1)
        {
            planner.Update(300, calm: true, applicationLimited: false, S(t));
            taken.AddRange(Taken(planner));
        }

        Assert.Equal([900, 1800, 900, 1800], taken);
    }

    [Fact]
    public void After_a_rapid_drop_the_old_rate_is_probed_every_five_seconds_until_it_is_back()
    {
        ProbePlanner planner = Started();
        planner.Measured(500, S(0));
        planner.Fell(1000, 800, S(10));   // no rapid drop
        planner.Fell(1000, 600, S(20));
        planner.Fell(600, 300, S(20.2));
        Dictionary<double, double> probes = [];
        for (double t = 20.5; t < 60; t += 0.5)
        {
            planner.Update(t < 40 ? 300 : 900, calm: t > 21, applicationLimited: false, S(t));
            foreach (double kbps in Taken(planner))
            {
                probes[t] = kbps;
            }
        }

        Assert.Equal(new() { [25.5] = 850, [30.5] = 850, [35.5] = 850 }, probes);
    }

    [Fact]
    public void A_sender_with_little_to_send_probes_twice_its_rate_now_and_then()
    {
        ProbePlanner planner = Started();
        planner.Measured(500, S(0));
        List<double> at = [];
        for (double t = 0; t < 20; t += 0.5)
        {
            planner.Update(400, calm: true, applicationLimited: true, S(t));
            at.AddRange(Taken(planner).Select(kbps => kbps + t));
        }

        Assert.Equal([805, 810, 815], at);
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static ProbePlanner Started()
    {
        ProbePlanner planner = new(300, 6000);
        planner.Start(S(0));
        Taken(planner);
        return planner;
    }

    private static List<double> Taken(ProbePlanner planner)
    {
        List<double> rates = [];
        while (planner.TryTake(out ProbePlan plan))
        {
            rates.Add(plan.Kbps);
        }

        return rates;
    }

    /// <summary>Ten packets of 200 bytes through a link.</summary>
    private static List<double> Measure(double sentKbps, double linkKbps, int[] lost)
    {
        ProbeMeasurement measurement = new();
        measurement.Expect(new ProbePlan(1, sentKbps));
        List<double> found = [];
        double free = 0;
        for (int i = 0; i < 10; i++)
        {
            double sentMs = i * 200 * 8 / sentKbps;
            free = Math.Max(free, sentMs) + (200 * 8 / linkKbps);
            TimeSpan? arrival = lost.Contains(i) ? null : TimeSpan.FromMilliseconds(free + 40);
            if (measurement.TryMeasure(new PacketResult(i, TimeSpan.FromMilliseconds(sentMs), arrival, 200, 1, false), out double kbps))
            {
                found.Add(kbps);
            }
        }

        return found;
    }
}
