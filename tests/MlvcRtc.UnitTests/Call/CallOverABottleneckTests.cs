using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Call;

/// <summary>Calls with pictures whose rate follows the path.</summary>
public sealed class CallOverABottleneckTests
{
    private static readonly LinkConditions Narrow = new() { RateKbps = 400, Delay = TimeSpan.FromMilliseconds(40) };

    [Fact]
    public void A_call_finds_what_its_path_carries_and_the_picture_runs_on()
    {
        TestCall test = new() { Forward = Narrow, Congestion = new CongestionOptions(new RateBounds()) };
        List<double> waits = [];
        test.Call.Link.JudgedAToB += (packet, in fate) => waits.Add(fate.QueueDelay.TotalMilliseconds);
        test.RunUntil(5);
        long deliveredBefore = WireBytes(test);
        waits.Clear();
        test.RunUntil(30);

        double kbps = (WireBytes(test) - deliveredBefore) * 8 / 25_000.0;
        Assert.InRange(kbps, 0.85 * 400, 400);
        Assert.InRange(waits.Order().ElementAt(waits.Count * 95 / 100), 0, 100);
        Assert.Equal(0, test.Call.Received.FreezeCount);
        Assert.Equal(0, test.Call.Received.PacketsRejected);   // probes are no part of a frame, and nothing is wrong with them
        Assert.InRange(test.Call.Congestion!.RoundTripTime!.Value.TotalMilliseconds, 80, 130);
    }

    [Fact]
    public void A_call_at_a_fixed_rate_floods_the_same_path()
    {
        TestCall test = new() { Forward = Narrow, Target = new(800) };
        test.RunUntil(10);
        Assert.True(test.Call.Link.CountsAToB.Overflowed > 100);
    }

    [Fact]
    public void A_call_at_a_fixed_rate_may_still_measure_its_path()
    {
        TestCall test = new()
        {
            Forward = Narrow with { Loss = new BernoulliLoss(5) },
            Target = new(200),
            Congestion = new CongestionOptions(new RateBounds(), FollowsEstimate: false),
        };
        List<double> losses = [];
        for (int second = 5; second < 60; second++)
        {
            test.RunUntil(second);
            losses.Add(test.Call.Congestion!.LossRatio ?? 0);
        }

        Assert.Equal(200, test.Target.Kbps);
        Assert.InRange(losses.Average(), 0.03, 0.07);
    }

    private static long WireBytes(TestCall test) => test.Call.Link.CountsAToB.DeliveredBytes + (SentPackets.IpUdpBytes * test.Call.Link.CountsAToB.Delivered);
}
