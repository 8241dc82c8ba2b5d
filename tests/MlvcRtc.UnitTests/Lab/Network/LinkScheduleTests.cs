using System.Numerics;
using MlvcRtc.Lab.Network;

namespace MlvcRtc.UnitTests.Lab.Network;

public sealed class LinkScheduleTests
{
    private static readonly LinkConditions Slow = new() { RateKbps = 100 };
    private static readonly LinkConditions Fast = new() { RateKbps = 900 };

    [Fact]
    public void Conditions_change_at_their_instants_and_the_last_ones_stay()
    {
        LinkSchedule schedule = new([new(TimeSpan.Zero, Slow), new(TimeSpan.FromSeconds(2), Fast), new(TimeSpan.FromSeconds(3), Slow)]);
        Assert.Equal([100, 100, 900, 900, 100, 100], new[] { 0, 1.999, 2, 2.999, 3, 1000 }.Select(at => schedule.At(TimeSpan.FromSeconds(at)).RateKbps));
    }

    [Fact]
    public void A_schedule_with_a_period_begins_anew()
    {
        LinkSchedule schedule = new([new(TimeSpan.Zero, Slow), new(TimeSpan.FromSeconds(2), Fast)], TimeSpan.FromSeconds(5));
        Assert.Equal([100, 900, 900, 100, 900, 100], new[] { 1.0, 2, 4.999, 5, 7, 50 }.Select(at => schedule.At(TimeSpan.FromSeconds(at)).RateKbps));
    }

    [Fact]
    public void Steps_out_of_order_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LinkSchedule([new(TimeSpan.FromSeconds(1), Slow), new(TimeSpan.Zero, Fast)]));
        Assert.Throws<ArgumentException>(() => new LinkSchedule([new(TimeSpan.Zero, Slow), new(TimeSpan.FromSeconds(2), Fast)], TimeSpan.FromSeconds(2)));
    }

    [Fact]
    public void Damaged_packets_have_exactly_one_flipped_bit_and_the_others_none()
    {
        VirtualClock clock = new();
        SimulatedLink link = new(new() { CorruptPercent = 25 }, new(), seed: 9, clock);
        byte[] sent = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        List<int> flipped = [];
        link.B.Arrived += (packet, _) =>
        {
            int bits = 0;
            for (int i = 0; i < packet.Length; i++)
            {
                bits += BitOperations.PopCount((uint)(packet[i] ^ sent[i]));
            }

            flipped.Add(bits);
        };
        for (int i = 0; i < 4000; i++)
        {
            link.A.Send(sent);
        }

        link.Deliver(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1], flipped.Distinct().Order());
        Assert.InRange(flipped.Count(bits => bits == 1), 1000 - 110, 1000 + 110);  // four standard deviations: 4 · sqrt(4000 · 0.25 · 0.75)
        Assert.Equal(flipped.Count(bits => bits == 1), link.CountsAToB.Corrupted);
    }

    [Fact]
    public void The_link_tells_when_a_lost_packet_would_have_arrived()
    {
        // 972 + 28 bytes of headers at 1000 kbit/s: 8 ms each, and 40 ms on the way.
        VirtualClock clock = new();
        SimulatedLink link = new(new() { RateKbps = 1000, Delay = TimeSpan.FromMilliseconds(40), Loss = new ListedLoss(1) }, new(), seed: 1, clock);
        List<(bool Lost, double QueueMs, double ArrivalMs)> fates = [];
        link.JudgedAToB += (_, in fate) => fates.Add((fate.Lost, fate.QueueDelay.TotalMilliseconds, fate.Arrival.TotalMilliseconds));
        link.A.Send(new byte[972]);
        link.A.Send(new byte[972]);
        link.A.Send(new byte[972]);
        Assert.Equal([(false, 0.0, 48.0), (true, 8.0, 56.0), (false, 16.0, 64.0)], fates);
    }
}
