using MlvcRtc.Lab.Experiments;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.UnitTests.Lab.Experiments;

public sealed class CallExperimentTests
{
    private static readonly TestExperimentCodec Codec = new(TimeSpan.FromMilliseconds(24), TimeSpan.FromMilliseconds(18), pictures: 60);

    [Fact]
    public void The_same_seed_gives_the_same_result_and_another_seed_another()
    {
        ExperimentResult[] runs = [.. new[] { 7, 7, 8 }.Select(seed => Run(ScenarioCatalogue.Find("random-5")!, "pli", 10, seed))];
        Assert.Equal(runs[0].PsnrDb, runs[1].PsnrDb);
        Assert.Equal(runs[0].Freezes, runs[1].Freezes);
        Assert.Equal(runs[0].Recoveries, runs[1].Recoveries);
        Assert.Equal(runs[0].KbpsBySecond, runs[1].KbpsBySecond);
        Assert.NotEqual(runs[0].PsnrDb, runs[2].PsnrDb);
    }

    [Fact]
    public void Without_loss_the_screen_shows_every_picture_in_its_turn_as_good_as_it_was_coded()
    {
        ExperimentResult run = Run(ScenarioCatalogue.Find("clean")!, "pli", 10);
        Assert.Empty(run.Freezes);
        Assert.Empty(run.Recoveries);
        Assert.Equal(0, run.PacketsLost);
        Assert.InRange(run.Kbps, 260, 345);  // 300 and headers; the debt of the first key frame

        // From the second second on nothing is stale: the PSNR is that of the QP, which 300 kbit/s at 30 frames/s put between 33 and 36.
        Assert.All(run.PsnrDb.Skip(60), db => Assert.InRange(db, 36.0, 39.5));
    }

    [Fact]
    public void A_run_of_whole_seconds_has_a_bitrate_for_each_of_them_though_its_frame_interval_is_rounded()
    {
        ExperimentResult run = Run(ScenarioCatalogue.Find("clean")!, "pli", 4);

        Assert.True(run.Length < TimeSpan.FromSeconds(4), "30 intervals of 33.3333 ms are a little less than a second");
        Assert.Equal(4, run.KbpsBySecond.Count);
        Assert.InRange(run.KbpsBySecond[^1], 200, 400);
    }

    [Fact]
    public void With_no_recovery_the_first_loss_freezes_the_picture_to_the_end()
    {
        ExperimentResult run = Run(Losing(200), "none", 10);

        Freeze freeze = Assert.Single(run.Freezes);
        Assert.Equal(freeze.Duration, run.LongestFreeze);
        Assert.True(run.EndsBroken);
        Assert.Empty(run.Recoveries);

        // To the last due time and one interval: 10 s + lag of 24 + 33.3 + 40 + 18 + 40 ms.
        Assert.Equal(10_155.3, freeze.End.TotalMilliseconds, 0.5);
        Assert.True(run.PsnrDb[^1] < run.PsnrDb[60] - 3);
    }

    [Fact]
    public void A_lost_packet_is_recovered_from_no_sooner_than_a_round_trip_after_it_should_have_arrived()
    {
        ExperimentResult run = Run(ScenarioCatalogue.Find("single-loss-80")!, "pli", 20);

        // Losses at about one a second from the second second on; each breaks the chain, and the request and the key frame need a round trip.
        Assert.InRange(run.Recoveries.Count, 15, 18);
        Assert.All(run.Recoveries, recovery => Assert.InRange(recovery.TotalMilliseconds, 80, 400));
    }

    [Fact]
    public void The_utilisation_of_a_bottleneck_is_what_was_sent_over_what_it_carries()
    {
        Scenario scenario = ScenarioCatalogue.Find("clean")! with { Forward = () => new LinkConditions { Delay = TimeSpan.FromMilliseconds(40), RateKbps = 1000 } };
        ExperimentResult run = Run(scenario, "pli", 10);

        // 28 bytes of IP and UDP headers a packet come on top of the RTP bytes, and what was sent after the last capture is not counted.
        double bits = (run.Kbps * 10_000) + (run.PacketsSent * 28 * 8);
        Assert.Equal(bits / 10_000_000, run.Utilisation!.Value, 0.005);
        Assert.Null(Run(ScenarioCatalogue.Find("clean")!, "pli", 1).Utilisation);
    }

    private static Scenario Losing(params long[] packets) =>
        ScenarioCatalogue.Find("clean")! with { Forward = () => new LinkConditions { Delay = TimeSpan.FromMilliseconds(40), Loss = new ListedLoss(packets) } };

    private static ExperimentResult Run(Scenario scenario, string policy, double seconds, int seed = 1) =>
        CallExperiment.Run(scenario, RecoveryPolicy.Find(policy)!, Codec, seconds, seed, cancel: TestContext.Current.CancellationToken);
}
