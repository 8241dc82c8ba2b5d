using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.Lab.Experiments;

/// <summary>The best and the worst of the runs.</summary>
public readonly record struct Extremes(double Least, double Most);

/// <summary>Congestion control on many paths with one share of random loss; used = share of what loss leaves.</summary>
/// <param name="LossPercent">Each way.</param>
/// <param name="Runs">Paths.</param>
/// <param name="SteadyUsed">Of 500 kbit/s, seconds 5 to 60, 0..1.</param>
/// <param name="SteadyQueueP95Ms">The same.</param>
/// <param name="DropQueueS">From a drop of 1000 to 300 kbit/s to the last packet that waited more than 100 ms before a second without one.</param>
/// <param name="LaterQueueMs">The longest wait from 2 s after the drop on, probes included.</param>
/// <param name="BackS">From the return of 1000 kbit/s to the end of the first second with 85 % of it used; among the runs that came to it.</param>
/// <param name="NotBack">Runs that did not within 25 s.</param>
/// <param name="FirstShare">Of two calls on 1 Mbit/s the first one's share, seconds 30 to 90, 0..1.</param>
/// <param name="Unfair">Runs in which it was outside 0.4 to 0.6.</param>
public sealed record BandwidthColumn(
    double LossPercent, int Runs, Extremes SteadyUsed, Extremes SteadyQueueP95Ms, Extremes DropQueueS, Extremes LaterQueueMs, Extremes BackS, int NotBack, Extremes FirstShare, int Unfair);

/// <summary>Bulk calls over all round trips of 20, 80 and 200 ms, jitters of 0 and 10 ms, and five seeds: what the bandwidth scenarios show on one path, on thirty.</summary>
public static class BandwidthMatrix
{
    private const double Used = 0.85;

    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(100);

    private static readonly (int RoundTripMs, int JitterMs, int Seed)[] Paths =
        [.. from roundTrip in new[] { 20, 80, 200 } from jitter in new[] { 0, 10 } from seed in Enumerable.Range(1, 5) select (roundTrip, jitter, seed)];

    /// <exception cref="OperationCanceledException"/>
    public static BandwidthColumn Run(double lossPercent, CancellationToken cancel = default)
    {
        List<double> used = [], queue = [], relief = [], later = [], back = [], share = [];
        foreach ((int roundTrip, int jitter, int seed) in Paths)
        {
            cancel.ThrowIfCancellationRequested();
            LinkConditions Link(double kbps) => new()
            {
                RateKbps = kbps,
                Delay = TimeSpan.FromMilliseconds(roundTrip / 2.0),
                Jitter = TimeSpan.FromMilliseconds(jitter),
                Loss = lossPercent == 0 ? new NoLoss() : new BernoulliLoss(lossPercent),
            };
            double left = 1 - (lossPercent / 100);
            BulkSimulation steady = Start(Link, 500, seed);
            steady.RunUntil(S(60));
            used.Add(steady.Utilisation(500 * left, S(5), S(60)));
            queue.Add(steady.QueueDelayMs(95, S(5), S(60)));

            BulkSimulation drop = Start(Link, 1000, seed);
            drop.RunUntil(S(20));
            drop.Link.ConditionsAToB = Link(300);
            drop.RunUntil(S(35));
            drop.Link.ConditionsAToB = Link(1000);
            drop.RunUntil(S(61));
            double end = 0;
            foreach (PacketFate fate in drop.Calls[0].Packets.Select(packet => packet.Fate).Where(fate => fate.SentAt > S(20) && fate.SentAt < S(35) && fate.QueueDelay > LongWait).OrderBy(fate => fate.SentAt))
            {
                double at = (fate.SentAt - S(20)).TotalSeconds;
                end = at - end <= 1 ? at : end;
            }

            relief.Add(end);
            later.Add(drop.QueueDelayMs(100, S(22), S(35)));
            back.Add(Enumerable.Range(0, 251).Select(i => i / 10.0).Where(t => drop.Utilisation(1000 * left, S(35 + t), S(36 + t)) >= Used).Select(t => t + 1).DefaultIfEmpty(double.PositiveInfinity).First());

            BulkSimulation shared = Start(Link, 1000, seed);
            shared.Add(new RateBounds(), S(5));
            shared.RunUntil(S(90));
            double[] kbps = [.. shared.Calls.Select(call => BulkSimulation.DeliveredKbps(call, S(30), S(90)))];
            share.Add(kbps[0] / kbps.Sum());
        }

        double[] returned = [.. back.Where(double.IsFinite)];
        return new(
            lossPercent, Paths.Length, Of(used), Of(queue), Of(relief), Of(later), Of(returned), back.Count - returned.Length, Of(share), share.Count(part => part is < 0.4 or > 0.6));
    }

    private static BulkSimulation Start(Func<double, LinkConditions> link, double kbps, int seed)
    {
        BulkSimulation simulation = new(link(kbps), link(0), seed);
        simulation.Add(new RateBounds(), TimeSpan.Zero);
        return simulation;
    }

    private static Extremes Of(IReadOnlyCollection<double> values) => values.Count == 0 ? default : new(values.Min(), values.Max());

    private static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);
}
