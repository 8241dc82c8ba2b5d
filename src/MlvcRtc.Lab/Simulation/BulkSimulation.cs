using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.Lab.Simulation;

/// <summary>Calls that always have data over one link, hence through one bottleneck, under virtual time. Same settings, same packets.</summary>
public sealed class BulkSimulation
{
    private const uint FirstSsrc = 0xB01C0001;  // any

    /// <summary>30 frames/s.</summary>
    private static readonly TimeSpan FrameInterval = TimeSpan.FromSeconds(1.0 / 30);

    private readonly VirtualClock _clock = new();
    private readonly List<BulkCall> _calls = [];

    /// <param name="forward">The way of the media: the bottleneck.</param>
    /// <param name="backward">The way of the feedback.</param>
    public BulkSimulation(LinkConditions forward, LinkConditions backward, int seed) => Link = new SimulatedLink(forward, backward, seed, _clock);

    /// <summary>Its conditions may be changed between two runs.</summary>
    public SimulatedLink Link { get; }

    public TimeSpan Now => _clock.Now;

    public IReadOnlyList<BulkCall> Calls => _calls;

    /// <summary>Another call shares the link from <paramref name="start"/> on.</summary>
    /// <param name="sourceKbps">What the source has at most; by default it always has data.</param>
    public BulkCall Add(RateBounds bounds, TimeSpan start, double sourceKbps = double.PositiveInfinity)
    {
        BulkCall call = new(Link, FirstSsrc + (uint)_calls.Count, bounds, start, FrameInterval, sourceKbps);
        _calls.Add(call);
        return call;
    }

    /// <summary>Lets time pass until <paramref name="end"/>.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (NextEvent() is var next && next <= end)
        {
            _clock.MoveTo(next > Now ? next : Now);
            Link.Deliver(Now);
            foreach (BulkCall call in _calls)
            {
                call.Step(Now);
            }
        }

        _clock.MoveTo(end);
    }

    /// <summary>What the calls got through the link between two instants, over what it carries (<paramref name="rateKbps"/>); padding is not counted.</summary>
    public double Utilisation(double rateKbps, TimeSpan from, TimeSpan to) => _calls.Sum(call => DeliveredKbps(call, from, to)) / rateKbps;

    /// <summary>kbit/s of one call that arrived between two instants, headers down to IP included, padding not.</summary>
    public static double DeliveredKbps(BulkCall call, TimeSpan from, TimeSpan to)
    {
        ArgumentNullException.ThrowIfNull(call);
        long bytes = call.Packets
            .Where(packet => !packet.Fate.Lost && !packet.IsPadding && packet.Fate.Arrival >= from && packet.Fate.Arrival < to)
            .Sum(packet => (long)packet.SizeBytes);
        return bytes * 8 / (to - from).TotalMilliseconds;
    }

    /// <summary>What the packets sent between two instants waited for the bottleneck, in ms, at a percentile; those that found the queue full included.</summary>
    public double QueueDelayMs(double percentile, TimeSpan from, TimeSpan to)
    {
        double[] delays = [.. _calls
            .SelectMany(call => call.Packets)
            .Where(packet => packet.Fate.SentAt >= from && packet.Fate.SentAt < to)
            .Select(packet => packet.Fate.QueueDelay.TotalMilliseconds)
            .Order()];
        return delays.Length == 0 ? 0 : delays[(int)Math.Ceiling(percentile / 100 * (delays.Length - 1))];
    }

    private TimeSpan NextEvent()
    {
        TimeSpan next = Link.NextArrival ?? TimeSpan.MaxValue;
        foreach (BulkCall call in _calls)
        {
            next = call.NextEvent < next ? call.NextEvent : next;
        }

        return next;
    }
}
