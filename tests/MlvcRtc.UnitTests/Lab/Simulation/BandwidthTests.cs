using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Lab.Simulation;

/// <summary>Calls that always have data over a bottleneck with a queue of 300 ms, under virtual time.</summary>
public sealed class BandwidthTests
{
    private static readonly RateBounds Bounds = new();

    public static TheoryData<int, int, int> Paths()
    {
        TheoryData<int, int, int> paths = [];
        foreach (int roundTripMs in new[] { 20, 80, 200 })
        {
            foreach (int lossPercent in new[] { 0, 2 })
            {
                for (int seed = 1; seed <= 3; seed++)
                {
                    paths.Add(roundTripMs, lossPercent, seed);
                }
            }
        }

        return paths;
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_steady_link_is_used_well_and_its_queue_stays_short(int roundTripMs, int lossPercent, int seed)
    {
        BulkSimulation simulation = Simulate(500, roundTripMs, lossPercent, seed);
        simulation.Add(Bounds, Jitter(seed));
        simulation.RunUntil(S(40));

        Assert.InRange(simulation.Utilisation(500 * (1 - (lossPercent / 100.0)), S(5), S(40)), 0.85, 1.02);
        Assert.InRange(simulation.QueueDelayMs(95, S(5), S(40)), 0, 100);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_link_that_drops_to_a_third_is_relieved_within_two_seconds_and_used_again_when_it_is_back(int roundTripMs, int lossPercent, int seed)
    {
        BulkSimulation simulation = Simulate(1000, roundTripMs, lossPercent, seed);
        simulation.Add(Bounds, Jitter(seed));
        simulation.RunUntil(S(20));
        simulation.Link.ConditionsAToB = Link(300, roundTripMs, lossPercent);
        simulation.RunUntil(S(35));
        simulation.Link.ConditionsAToB = Link(1000, roundTripMs, lossPercent);
        simulation.RunUntil(S(56));

        Assert.InRange(simulation.QueueDelayMs(100, S(22), S(35)), 0, 100);
        Assert.InRange(simulation.Utilisation(300 * (1 - (lossPercent / 100.0)), S(22), S(35)), 0.75, 1.02);
        double back = Enumerable.Range(0, 200).Select(i => i / 10.0)
            .First(t => simulation.Utilisation(1000 * (1 - (lossPercent / 100.0)), S(35 + t), S(36 + t)) >= 0.85);
        Assert.InRange(back + 1, 1, 20);   // to the end of the first second in which 85 % were used
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Two_calls_share_a_link_fairly(int roundTripMs, int lossPercent, int seed)
    {
        BulkSimulation simulation = Simulate(1000, roundTripMs, lossPercent, seed);
        BulkCall one = simulation.Add(Bounds, Jitter(seed));
        BulkCall other = simulation.Add(Bounds, seed == 2 ? S(10) : S(0.2) + (3 * Jitter(seed)));   // one of them comes late
        simulation.RunUntil(S(90));

        double first = BulkSimulation.DeliveredKbps(one, S(30), S(90));
        double second = BulkSimulation.DeliveredKbps(other, S(30), S(90));
        Assert.InRange(first / (first + second), 0.4, 0.6);
        Assert.InRange(simulation.QueueDelayMs(95, S(30), S(90)), 0, 100);
    }

    [Fact]
    public void A_link_far_below_the_start_rate_is_found_and_its_queue_drained()
    {
        BulkSimulation simulation = Simulate(100, 80, 0, 1);
        simulation.Add(Bounds, TimeSpan.Zero);
        simulation.RunUntil(S(30));
        Assert.InRange(simulation.Utilisation(100, S(5), S(30)), 0.85, 1.02);
        Assert.InRange(simulation.QueueDelayMs(95, S(5), S(30)), 0, 100);
    }

    [Fact]
    public void A_fast_link_is_found_within_two_seconds()
    {
        BulkSimulation simulation = Simulate(5000, 80, 0, 1);
        simulation.Add(Bounds, TimeSpan.Zero);
        simulation.RunUntil(S(4));
        Assert.InRange(simulation.Utilisation(5000, S(2), S(4)), 0.8, 1.02);
    }

    [Fact]
    public void A_source_with_little_to_send_does_not_raise_the_estimate_beyond_what_probes_found()
    {
        BulkSimulation simulation = Simulate(1000, 80, 0, 1);
        BulkCall call = simulation.Add(Bounds, TimeSpan.Zero, sourceKbps: 150);
        simulation.RunUntil(S(60));
        Assert.InRange(call.Congestion.EstimateKbps, 500, 1000);
        double padding = call.Packets.Where(packet => packet.IsPadding && packet.Fate.SentAt > S(5)).Sum(packet => packet.SizeBytes * 8 / 55_000.0);
        Assert.InRange(padding, 0, 15);   // kbit/s of probes: a tenth of what is sent
    }

    [Fact]
    public void After_a_blackout_the_rate_comes_back_within_five_seconds()
    {
        BulkSimulation simulation = Simulate(800, 80, 0, 1);
        simulation.Add(Bounds, TimeSpan.Zero);
        simulation.RunUntil(S(10));
        simulation.Link.ConditionsAToB = Link(800, 80, 100);
        simulation.RunUntil(S(13));
        simulation.Link.ConditionsAToB = Link(800, 80, 0);
        simulation.RunUntil(S(20));
        Assert.InRange(simulation.Utilisation(800, S(18), S(20)), 0.8, 1.02);
    }

    [Fact]
    public void The_round_trip_is_measured()
    {
        BulkSimulation simulation = Simulate(0, 80, 0, 1);
        BulkCall call = simulation.Add(Bounds, TimeSpan.Zero);
        simulation.RunUntil(S(5));
        Assert.InRange(call.Congestion.RoundTripTime!.Value.TotalMilliseconds, 80, 82);
    }

    [Fact]
    public void Feedback_takes_a_twentieth_of_the_bandwidth_at_most()
    {
        BulkSimulation simulation = Simulate(500, 80, 0, 1);
        simulation.Add(Bounds, TimeSpan.Zero);
        simulation.RunUntil(S(30));
        LinkCounts counts = simulation.Link.CountsBToA;
        Assert.InRange((counts.DeliveredBytes + (28 * counts.Delivered)) * 8 / 30_000.0, 1, 25);   // kbit/s
    }

    [Fact]
    public void The_same_seed_gives_the_same_packets()
    {
        Assert.Equal(Packets(), Packets());

        static List<BulkPacket> Packets()
        {
            BulkSimulation simulation = Simulate(500, 80, 2, 9);
            BulkCall call = simulation.Add(Bounds, TimeSpan.Zero);
            simulation.RunUntil(S(10));
            return [.. call.Packets];
        }
    }

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Jitter(int seed) => TimeSpan.FromMilliseconds(13.7 * seed);

    private static LinkConditions Link(double kbps, int roundTripMs, int lossPercent) => new()
    {
        RateKbps = kbps,
        Delay = TimeSpan.FromMilliseconds(roundTripMs / 2.0),
        Loss = lossPercent == 0 ? new NoLoss() : new BernoulliLoss(lossPercent),
    };

    private static BulkSimulation Simulate(double kbps, int roundTripMs, int lossPercent, int seed) =>
        new(Link(kbps, roundTripMs, lossPercent), Link(0, roundTripMs, lossPercent), 17 * seed);
}
