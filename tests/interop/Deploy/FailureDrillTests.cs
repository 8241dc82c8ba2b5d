using System.Diagnostics;
using MlvcRtc.Signaling.Client;

namespace MlvcRtc.InteropTests.Deploy;

/// <summary>The drills of deploy/README.md, with real processes that are really killed. Forty calls speak ten times a second all the while.</summary>
public class FailureDrillTests
{
    private const int Calls = 40;

    /// <summary>"Signaling resumes on the other node within 5 s" (issue 4).</summary>
    private static readonly TimeSpan Resumption = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task When_a_node_is_killed_every_call_signals_through_the_other_within_five_seconds_and_no_message_is_lost_or_doubled()
    {
        await using LocalDeployment deployment = await LocalDeployment.Start(LocalDeployment.OneAddressIsMany);
        await Drill(deployment, "kill -9 of one of two nodes", Resumption, () => deployment.Do("kill", "node1"));
    }

    [Fact]
    public async Task When_Redis_is_killed_and_started_again_every_call_goes_on_within_five_seconds_and_no_message_is_lost_or_doubled()
    {
        await using LocalDeployment deployment = await LocalDeployment.Start(LocalDeployment.OneAddressIsMany);
        await Drill(deployment, "kill -9 of Redis and restart", Resumption, async () =>
        {
            await deployment.Do("kill", "redis");
            await deployment.Do("start", "redis");
        });
    }

    [Fact]
    public async Task When_Redis_comes_back_empty_every_call_goes_on_within_five_seconds_and_no_message_is_lost_or_doubled()
    {
        await using LocalDeployment deployment = await LocalDeployment.Start(LocalDeployment.OneAddressIsMany);
        await Drill(deployment, "kill -9 of Redis and restart without its data", Resumption, async () =>
        {
            await deployment.Do("kill", "redis");
            Directory.Delete(Path.Combine(deployment["FOLDER"], "redis"), recursive: true);
            Directory.CreateDirectory(Path.Combine(deployment["FOLDER"], "redis"));
            await deployment.Do("start", "redis");
        });
    }

    [Fact]
    public async Task When_a_node_is_asked_to_end_it_sends_its_participants_to_the_other_and_ends_within_its_deadline()
    {
        await using LocalDeployment deployment = await LocalDeployment.Start(LocalDeployment.OneAddressIsMany);
        using Process node = Process.GetProcessById(int.Parse(deployment["NODE1_PID"], provider: System.Globalization.CultureInfo.InvariantCulture));
        await Drill(deployment, "SIGTERM of one of two nodes", Resumption, async () =>
        {
            await deployment.Do("term", "node1");
            await node.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        });
    }

    /// <summary>Calls of all kinds: both on one node, one on each, both through the proxy; what happens to them when something happens to the deployment.</summary>
    private static async Task Drill(LocalDeployment deployment, string name, TimeSpan within, Func<Task> disaster)
    {
        TalkingPair[] pairs = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i =>
        {
            (Uri[] first, Uri[] second) = (i % 4) switch
            {
                0 => (new[] { deployment.Node1, deployment.Node2 }, new[] { deployment.Node2, deployment.Node1 }),
                1 => (new[] { deployment.Node1, deployment.Node2 }, new[] { deployment.Node1, deployment.Node2 }),
                2 => (new[] { deployment.Node2, deployment.Node1 }, new[] { deployment.Node2, deployment.Node1 }),
                _ => (new[] { deployment.Proxy }, new[] { deployment.Proxy }),
            };
            SignalingClient one = deployment.Client($"drill{i}", $"first{i}", first), other = deployment.Client($"drill{i}", $"second{i}", second);
            return TalkingPair.Meet(one, other);
        }));
        using CancellationTokenSource enough = new();
        Task talking = Talk(pairs, enough.Token);
        await Task.WhenAll(pairs.Select(pair => pair.Exchange(Limit)));

        long begun = Stopwatch.GetTimestamp();
        Task happening = disaster();
        TimeSpan[] gaps = await Task.WhenAll(pairs.Select(async pair =>
        {
            // Not what was on its way already: only after the disaster has happened does an answer prove anything.
            await happening;
            await pair.Exchange(Limit);
            return Stopwatch.GetElapsedTime(begun);
        }));

        // Some more, so that whatever was doubled has come twice.
        await Task.WhenAll(pairs.Select(pair => pair.Exchange(Limit)));
        await enough.CancelAsync();
        await talking;
        await Task.WhenAll(pairs.Select(pair => pair.Exchange(Limit)));
        foreach (TalkingPair pair in pairs)
        {
            Assert.Empty(pair.Complaints);
            Assert.Equal(pair.Totals.Sent, pair.Totals.Received);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{name}: {Calls} calls, {pairs.Sum(pair => pair.Totals.Sent)} messages, none lost or doubled; signaling again after {gaps.Min().TotalSeconds:0.00} to {gaps.Max().TotalSeconds:0.00} s");
        Assert.InRange(gaps.Max(), TimeSpan.Zero, within);
        await Task.WhenAll(pairs.Select(pair => pair.DisposeAsync().AsTask()));
    }

    private static async Task Talk(TalkingPair[] pairs, CancellationToken enough)
    {
        using PeriodicTimer often = new(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        try
        {
            while (await often.WaitForNextTickAsync(enough))
            {
                foreach (TalkingPair pair in pairs)
                {
                    pair.Speak();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }
}
