using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp;

namespace MlvcRtc.UnitTests.Lab.Network;

public sealed class SimulatedLinkTests
{
    private readonly VirtualClock _clock = new();

    [Fact]
    public void A_packet_arrives_at_the_other_end_after_the_delay()
    {
        SimulatedLink link = Link(new() { Delay = TimeSpan.FromMilliseconds(40) });
        List<(int Value, double AtMs)> got = Listen(link.B);
        link.A.Send([7]);
        Assert.Equal(TimeSpan.FromMilliseconds(40), link.NextArrival);
        link.Deliver(TimeSpan.FromMilliseconds(39));
        Assert.Empty(got);
        link.Deliver(TimeSpan.FromMilliseconds(100));
        Assert.Equal([(7, 40.0)], got);
    }

    [Fact]
    public void A_bottleneck_spaces_packets_and_drops_what_would_wait_too_long()
    {
        // 972 + 28 bytes of headers at 1000 kbit/s: 8 ms each; a queue of 20 ms holds those that begin at 0, 8 and 16 ms.
        SimulatedLink link = Link(new() { RateKbps = 1000, QueueLimit = TimeSpan.FromMilliseconds(20) });
        List<(int Value, double AtMs)> got = Listen(link.B);
        for (int i = 0; i < 5; i++)
        {
            byte[] packet = new byte[972];
            packet[0] = (byte)i;
            link.A.Send(packet);
        }

        link.Deliver(TimeSpan.FromSeconds(1));
        Assert.Equal([(0, 8.0), (1, 16.0), (2, 24.0)], got);
        Assert.Equal(2, link.CountsAToB.Overflowed);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(30)]
    public void Random_loss_comes_close_to_its_rate(int percent)
    {
        SimulatedLink link = Link(new() { Loss = new BernoulliLoss(percent) });
        for (int i = 0; i < 20_000; i++)
        {
            link.A.Send([1]);
        }

        // Four standard deviations of a binomial: 4 · sqrt(n p (1 - p)).
        double expected = 200.0 * percent;
        Assert.InRange(link.CountsAToB.Lost, expected - (4 * Math.Sqrt(expected)), expected + (4 * Math.Sqrt(expected)));
    }

    [Fact]
    public void Jitter_keeps_the_order_unless_reordering_is_asked_for()
    {
        LinkConditions jittery = new() { Delay = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(50) };
        Assert.True(InOrder(Values(jittery)));
        Assert.False(InOrder(Values(jittery with { Reorders = true })));

        static bool InOrder(List<int> values) => values.SequenceEqual(values.Order());
    }

    [Fact]
    public void The_same_packets_are_lost_whatever_else_the_network_does()
    {
        LinkConditions lossy = new() { Loss = new BernoulliLoss(20) };
        Assert.Equal(Values(lossy), Values(lossy with { Delay = TimeSpan.FromSeconds(1), Jitter = TimeSpan.FromMilliseconds(3) }));
    }

    [Fact]
    public void Both_ways_are_independent()
    {
        SimulatedLink link = new(new() { Loss = new BernoulliLoss(100) }, new(), seed: 1, _clock);
        List<(int Value, double AtMs)> atA = Listen(link.A);
        List<(int Value, double AtMs)> atB = Listen(link.B);
        link.A.Send([1]);
        link.B.Send([2]);
        link.Deliver(TimeSpan.Zero);
        Assert.Empty(atB);
        Assert.Equal([(2, 0.0)], atA);
    }

    private static List<(int Value, double AtMs)> Listen(IPacketLink end)
    {
        List<(int, double)> got = [];
        end.Arrived += (packet, at) => got.Add((packet[0], at.TotalMilliseconds));
        return got;
    }

    private SimulatedLink Link(LinkConditions conditions) => new(conditions, conditions, seed: 5, _clock);

    private List<int> Values(LinkConditions conditions)
    {
        SimulatedLink link = Link(conditions);
        List<(int Value, double AtMs)> got = Listen(link.B);
        for (int i = 0; i < 100; i++)
        {
            link.A.Send([(byte)i]);
        }

        link.Deliver(TimeSpan.FromSeconds(10));
        return [.. got.Select(packet => packet.Value)];
    }
}
