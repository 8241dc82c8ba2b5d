using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.Scenarios;
using MlvcRtc.Lab.Simulation;
using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.Lab.Experiments;

/// <summary>A time in which the bottleneck's rate did not change.</summary>
/// <param name="Utilisation">From 5 s into the phase on, 0..1; padding does not count.</param>
/// <param name="QueueP50">Of the packets sent from 5 s into the phase on.</param>
/// <param name="QueueSettles">From the beginning to the last packet that waited more than 100 ms.</param>
/// <param name="ReachesRate">From the beginning to the first second in which 85 % of the rate were used; null = there was none.</param>
public sealed record BandwidthPhase(
    TimeSpan From, TimeSpan To, double RateKbps, double Utilisation, TimeSpan QueueP50, TimeSpan QueueP95, TimeSpan QueueSettles, TimeSpan? ReachesRate);

/// <summary>What a bandwidth scenario measured.</summary>
public sealed record BandwidthResult
{
    public required Scenario Scenario { get; init; }

    public required int Seed { get; init; }

    public required TimeSpan Length { get; init; }

    public required IReadOnlyList<BandwidthPhase> Phases { get; init; }

    /// <summary>Delivered kbit/s of each call in each second, headers down to IP included, padding not.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> KbpsBySecond { get; init; }

    /// <summary>Longest wait for the bottleneck of the packets sent in each second.</summary>
    public required IReadOnlyList<TimeSpan> QueueBySecond { get; init; }

    /// <summary>Delivered kbit/s of each call from <see cref="SharesFrom"/> to the end.</summary>
    public required IReadOnlyList<double> CallKbps { get; init; }

    public required TimeSpan SharesFrom { get; init; }

    public required IReadOnlyList<TimeSpan> QueueDelays { get; init; }

    public required int PacketsSent { get; init; }

    public required int PacketsLost { get; init; }

    /// <summary>From second 5 to the end, 0..1.</summary>
    public required double Utilisation { get; init; }
}

/// <summary>Runs a bandwidth scenario: calls whose sources always have data, under the congestion control of a real call, in virtual time.</summary>
public static class BandwidthExperiment
{
    /// <summary>What an estimator may take to find the rate before it is judged.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>Shares of calls are judged from here on.</summary>
    private static readonly TimeSpan Shares = TimeSpan.FromSeconds(30);

    /// <summary>Calls join one after the other: those that run have found their rate by then.</summary>
    private static readonly TimeSpan JoinInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private const double Used = 0.85;

    /// <exception cref="OperationCanceledException"/>
    public static BandwidthResult Run(Scenario scenario, double seconds, int seed, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        LinkSchedule forward = scenario.Forward();
        LinkSchedule backward = scenario.Backward();
        TimeSpan length = TimeSpan.FromSeconds(Math.Ceiling(seconds));
        BulkSimulation simulation = new(forward.At(TimeSpan.Zero), backward.At(TimeSpan.Zero), seed);
        simulation.Link.ScheduleAToB = forward;
        simulation.Link.ScheduleBToA = backward;
        for (int call = 0; call < scenario.Calls; call++)
        {
            simulation.Add(new RateBounds(scenario.Kbps), JoinInterval * call);
        }

        for (TimeSpan at = OneSecond; at <= length; at += OneSecond)
        {
            cancel.ThrowIfCancellationRequested();
            simulation.RunUntil(at);
        }

        PacketFate[] fates = [.. simulation.Calls.SelectMany(call => call.Packets).Select(packet => packet.Fate).Where(fate => fate.SentAt < length).OrderBy(fate => fate.SentAt)];
        TimeSpan sharesFrom = length > Shares ? Shares : length / 2;
        return new BandwidthResult
        {
            Scenario = scenario,
            Seed = seed,
            Length = length,
            Phases = [.. PhasesOf(forward, length).Select(phase => Judge(simulation, fates, phase.From, phase.To, forward.At(phase.From).RateKbps))],
            KbpsBySecond = [.. simulation.Calls.Select(call => BySecond(length, second => BulkSimulation.DeliveredKbps(call, second, second + OneSecond)))],
            QueueBySecond = BySecond(length, second => Between(fates, second, second + OneSecond).Select(fate => fate.QueueDelay).DefaultIfEmpty().Max()),
            CallKbps = [.. simulation.Calls.Select(call => BulkSimulation.DeliveredKbps(call, sharesFrom, length))],
            SharesFrom = sharesFrom,
            QueueDelays = [.. fates.Where(fate => fate.SentAt >= Settling || length <= Settling).Select(fate => fate.QueueDelay)],
            PacketsSent = fates.Length,
            PacketsLost = fates.Count(fate => fate.Lost),
            Utilisation = Utilisation(simulation, forward, length > Settling ? Settling : TimeSpan.Zero, length),
        };
    }

    private static double Utilisation(BulkSimulation simulation, LinkSchedule forward, TimeSpan from, TimeSpan to)
    {
        double delivered = simulation.Calls.Sum(call => BulkSimulation.DeliveredKbps(call, from, to));
        double capacity = BySecond(to, second => second >= from ? forward.At(second).RateKbps : 0).Sum() / (to - from).TotalSeconds;
        return capacity == 0 ? 0 : delivered / capacity;
    }

    private static BandwidthPhase Judge(BulkSimulation simulation, PacketFate[] fates, TimeSpan from, TimeSpan to, double rateKbps)
    {
        TimeSpan judged = to - from > Settling ? from + Settling : from;
        TimeSpan[] delays = [.. Between(fates, judged, to).Select(fate => fate.QueueDelay).Order()];
        TimeSpan lastLong = Between(fates, from, to).Where(fate => fate.QueueDelay > LongWait).Select(fate => fate.SentAt - from).DefaultIfEmpty().Max();
        TimeSpan? reached = null;
        for (TimeSpan at = from; at + OneSecond <= to && reached is null; at += OneSecond)
        {
            reached = simulation.Utilisation(rateKbps, at, at + OneSecond) >= Used ? at - from : null;
        }

        return new BandwidthPhase(from, to, rateKbps, simulation.Utilisation(rateKbps, judged, to), Rank(delays, 50), Rank(delays, 95), lastLong, reached);
    }

    /// <summary>Whole seconds in which the rate stays the same, joined.</summary>
    private static List<(TimeSpan From, TimeSpan To)> PhasesOf(LinkSchedule schedule, TimeSpan length)
    {
        List<(TimeSpan From, TimeSpan To)> phases = [];
        for (TimeSpan at = TimeSpan.Zero; at < length; at += OneSecond)
        {
            if (phases.Count > 0 && schedule.At(phases[^1].From).RateKbps == schedule.At(at).RateKbps)
            {
                phases[^1] = (phases[^1].From, at + OneSecond);
            }
            else
            {
                phases.Add((at, at + OneSecond));
            }
        }

        return phases;
    }

    private static T[] BySecond<T>(TimeSpan length, Func<TimeSpan, T> measure) =>
        [.. Enumerable.Range(0, (int)length.TotalSeconds).Select(second => measure(TimeSpan.FromSeconds(second)))];

    private static IEnumerable<PacketFate> Between(PacketFate[] fates, TimeSpan from, TimeSpan to) =>
        fates.Where(fate => fate.SentAt >= from && fate.SentAt < to);

    private static TimeSpan Rank(TimeSpan[] sorted, int percent) =>
        sorted.Length == 0 ? TimeSpan.Zero : sorted[Math.Max((int)Math.Ceiling(sorted.Length * percent / 100.0) - 1, 0)];
}
