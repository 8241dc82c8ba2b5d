using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.UnitTests.Lab.Scenarios;

public sealed class ScenarioCatalogueTests
{
    [Fact]
    public void Scenario_names_are_unique_and_can_be_typed() =>
        Assert.All(ScenarioCatalogue.All.GroupBy(scenario => scenario.Name), group =>
        {
            Assert.Single(group);
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", group.Key);
        });

    [Theory]
    [InlineData("random-5", 80, 300)]
    [InlineData("random-2", 80, 200)]
    [InlineData("single-loss-20", 20, 300)]
    [InlineData("single-loss-80", 80, 300)]
    [InlineData("single-loss-200", 200, 300)]
    public void Scenarios_that_claims_are_made_about_have_their_round_trip_and_rate(string name, int roundTripMs, double kbps)
    {
        Scenario scenario = ScenarioCatalogue.Find(name)!;
        Assert.Equal((roundTripMs, kbps), (scenario.RoundTrip.TotalMilliseconds, scenario.Kbps));
        Assert.Equal(scenario.RoundTrip, scenario.Forward().At(TimeSpan.Zero).Delay + scenario.Backward().At(TimeSpan.Zero).Delay);
    }

    [Theory]
    [InlineData("random-5", 5)]
    [InlineData("random-20", 20)]
    [InlineData("bursts", 5)]
    [InlineData("clean", 0)]
    public void Scenarios_lose_what_their_names_say(string name, double percent)
    {
        ILossModel loss = ScenarioCatalogue.Find(name)!.Forward().At(TimeSpan.Zero).Loss;
        Random random = new(4);
        int lost = Enumerable.Range(0, 400_000).Count(i => loss.Loses(i, random.NextDouble(), TimeSpan.Zero));
        Assert.InRange(lost / 4000.0, percent * 0.96, percent * 1.04);
    }

    [Fact]
    public void The_blackout_lasts_three_seconds_both_ways()
    {
        Scenario scenario = ScenarioCatalogue.Find("blackout")!;
        foreach (ILossModel loss in new[] { scenario.Forward(), scenario.Backward() }.Select(way => way.At(TimeSpan.Zero).Loss))
        {
            Assert.Equal(300, Enumerable.Range(0, 2000).Count(i => loss.Loses(i, 0.5, TimeSpan.FromMilliseconds(10 * i))));
        }
    }

    [Fact]
    public void Every_run_gets_loss_models_of_its_own() =>
        Assert.All(ScenarioCatalogue.All.Where(scenario => scenario.Kind == ScenarioKind.Recovery), scenario =>
            Assert.NotSame(scenario.Forward().At(TimeSpan.Zero).Loss, scenario.Forward().At(TimeSpan.Zero).Loss));

    [Fact]
    public void Policies_are_compared_below_one_round_trip_of_playout_delay_where_claims_are_made() =>
        Assert.All(["random-2", "random-5", "random-20", "bursts"], name =>
        {
            Scenario scenario = ScenarioCatalogue.Find(name)!;
            Assert.True(scenario.PlayoutDelay < scenario.RoundTrip);
        });

    [Fact]
    public void The_five_policies_have_their_names() =>
        Assert.Equal(["none", "pli", "nack", "ltr", "ltr+nack"], RecoveryPolicy.All.Select(policy => policy.Name));
}
