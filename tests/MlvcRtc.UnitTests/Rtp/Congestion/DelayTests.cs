using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

/// <summary>What the delay of packets tells of a bottleneck.</summary>
public sealed class DelayTests
{
    private readonly ArrivalGroups _groups = new();
    private readonly DelayTrend _trend = new();
    private readonly OveruseDetector _detector = new();
    private double _now;

    [Fact]
    public void Packets_that_leave_within_five_milliseconds_are_a_group()
    {
        List<GroupDelta> deltas = [];
        foreach ((double sent, double arrived) in new[] { (0.0, 100.0), (4, 108), (20, 120), (24, 129), (40, 140) })
        {
            if (_groups.TryAdd(Ms(sent), Ms(arrived), out GroupDelta delta))
            {
                deltas.Add(delta);
            }
        }

        // The last packets of the groups left 20 ms apart and arrived 21 ms apart.
        Assert.Equal([new GroupDelta(Ms(20), Ms(21), Ms(129))], deltas);
    }

    [Fact]
    public void A_packet_that_was_overtaken_joins_no_group()
    {
        _groups.TryAdd(Ms(0), Ms(100), out _);
        _groups.TryAdd(Ms(20), Ms(120), out _);
        Assert.False(_groups.TryAdd(Ms(0), Ms(125), out _));
        Assert.True(_groups.TryAdd(Ms(40), Ms(140), out GroupDelta delta));
        Assert.Equal(new GroupDelta(Ms(20), Ms(20), Ms(120)), delta);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(-0.05)]
    public void The_trend_is_the_slope_of_the_delay(double slope)
    {
        for (int i = 0; i < 200; i++)
        {
            // Sent every 10 ms, arriving so that the delay grows by the slope per ms of arrival.
            double arrived = 10 / (1 - slope);
            _now += arrived;
            _trend.Add(new GroupDelta(Ms(10), Ms(arrived), Ms(_now)));
        }

        Assert.Equal(slope, _trend.Slope, 4);
    }

    [Fact]
    public void An_even_path_is_no_alarm()
    {
        Assert.DoesNotContain(BottleneckUse.Overuse, Feed(500, _ => 10));
    }

    [Fact]
    public void A_path_with_jitter_is_no_alarm()
    {
        Random random = new(1);
        double last = 0;
        Assert.DoesNotContain(BottleneckUse.Overuse, Feed(2000, _ =>
        {
            double jitter = 8 * random.NextDouble(), arrived = 10 + jitter - last;
            last = jitter;
            return arrived;
        }));
    }

    [Fact]
    public void A_queue_that_grows_is_seen_within_a_few_groups_and_so_is_its_end()
    {
        Feed(200, _ => 10);
        Assert.Contains(BottleneckUse.Overuse, Feed(20, _ => 13));     // 30 % more sent than carried: 60 ms of queue
        Assert.Contains(BottleneckUse.Underuse, Feed(40, _ => 8.5));   // drains 60 ms
        Assert.Equal(BottleneckUse.Normal, Feed(100, _ => 10)[^1]);
    }

    [Fact]
    public void A_queue_that_stands_is_an_alarm_once_and_again_only_when_the_fall_helped()
    {
        StandingQueue queue = new();
        List<double> alarms = [];
        Stand(queue, 0, 1000, 20, alarms);
        Stand(queue, 1000, 4000, 300, alarms);
        Assert.Single(alarms);                   // the fall changed nothing: the path is longer now
        Assert.InRange(alarms[0], 1000, 1600);
        Stand(queue, 4000, 5000, 420, alarms);   // 120 ms more: that is a queue
        Assert.Equal(2, alarms.Count);
        Stand(queue, 5000, 8000, 402, alarms);   // 102 ms: the fall helped, a little more is to be done
        Assert.Equal(3, alarms.Count);
        Stand(queue, 8000, 20_000, 310, alarms);
        Assert.Equal(3, alarms.Count);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static void Stand(StandingQueue queue, double fromMs, double toMs, double delayMs, List<double> alarms)
    {
        for (double now = fromMs; now < toMs; now += 10)
        {
            queue.Add(Ms(delayMs), Ms(now));
            if (queue.Alarms(Ms(now)))
            {
                alarms.Add(now);
            }
        }
    }

    private List<BottleneckUse> Feed(int groups, Func<int, double> arrivedAfterMs)
    {
        List<BottleneckUse> uses = [];
        for (int i = 0; i < groups; i++)
        {
            double arrived = arrivedAfterMs(i);
            _now += arrived;
            _trend.Add(new GroupDelta(Ms(10), Ms(arrived), Ms(_now)));
            _detector.Update(_trend, Ms(10), Ms(_now));
            uses.Add(_detector.Use);
        }

        return uses;
    }
}
