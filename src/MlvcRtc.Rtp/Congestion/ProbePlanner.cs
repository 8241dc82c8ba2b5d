namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// Decides when to probe: at the start, while probes find room, after a rapid drop, and now and then while the application sends
/// less than it may (libwebrtc's ProbeController). One thread at a time.
/// </summary>
public sealed class ProbePlanner(double startKbps, double maxKbps)
{
    /// <summary>Rates of the first two probes, in multiples of the start rate (libwebrtc: first and second exponential probe scale).</summary>
    private const double FirstScale = 3, SecondScale = 6;

    /// <summary>A result above this share of the probed rate calls for another, of twice the result (libwebrtc: 0.7 and 2).</summary>
    private const double FurtherShare = 0.7, FurtherScale = 2;

    /// <summary>A fall below this share of the rate before is a rapid drop (libwebrtc: kBitrateDropThreshold).</summary>
    private const double DropShare = 0.66;

    /// <summary>After a drop the old rate is probed at this share (libwebrtc: kProbeFractionAfterDrop).</summary>
    private const double AfterDropShare = 0.85;

    /// <summary>An application-limited sender probes this multiple of its rate (libwebrtc: alr_probe_scale).</summary>
    private const double LimitedScale = 2;

    /// <summary>Between two probes of the later kinds (libwebrtc: alr_probing_interval, kMinTimeBetweenAlrProbes: 5 s).</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a rate from before a drop is thought to come back. Longer than libwebrtc's 5 s, which leaves the way back to the
    /// increase of 8 %/s: from 300 to 850 kbit/s 14 s, and the blackouts and handovers we have in mind end within half a minute.
    /// </summary>
    private static readonly TimeSpan DropMemory = TimeSpan.FromSeconds(60);

    /// <summary>The first probes are sent again when they brought no result, which a lossy path can do; so often at most. Ours.</summary>
    private const int FirstTries = 3;

    /// <summary>A probe without result by then was lost (libwebrtc: kMaxWaitingTimeForProbingResult, 1 s).</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Queue<ProbePlan> _plans = new();
    private int _lastCluster;
    private double _lastProbedKbps;
    private double _beforeDropKbps;
    private TimeSpan? _dropAt;
    private TimeSpan _lastPlan;
    private int _firstTries;
    private bool _measured;

    /// <summary>A probe waits to be sent.</summary>
    public bool Waits => _plans.Count > 0;

    /// <summary>The next probe to send.</summary>
    public bool TryTake(out ProbePlan plan) => _plans.TryDequeue(out plan);

    /// <summary>The first packets of the stream left.</summary>
    public void Start(TimeSpan now)
    {
        if (_firstTries == 0)
        {
            PlanFirst(now);
        }
    }

    /// <summary>A probe was measured, and the path was not overused meanwhile.</summary>
    public void Measured(double kbps, TimeSpan now)
    {
        _measured = true;
        if (kbps > FurtherShare * _lastProbedKbps && _lastProbedKbps < maxKbps && !Waits)
        {
            Plan(FurtherScale * kbps, now);
        }
    }

    /// <summary>The estimate fell.</summary>
    public void Fell(double fromKbps, double toKbps, TimeSpan now)
    {
        double before = _dropAt is null ? fromKbps : Math.Max(fromKbps, _beforeDropKbps);
        if (toKbps < DropShare * before)
        {
            _beforeDropKbps = before;
            _dropAt = now;
        }
    }

    /// <summary>Lets time pass.</summary>
    /// <param name="calm">The delay shows no queue that grows.</param>
    /// <param name="applicationLimited">The application sends far less than it may.</param>
    public void Update(double currentKbps, bool calm, bool applicationLimited, TimeSpan now)
    {
        if (now - _dropAt > DropMemory || currentKbps >= AfterDropShare * _beforeDropKbps)
        {
            _dropAt = null;
            _beforeDropKbps = 0;
        }

        if (_firstTries == 0 || Waits || !calm)
        {
            return;
        }

        if (!_measured && _firstTries < FirstTries && now - _lastPlan >= Patience)
        {
            PlanFirst(now);
        }

        if (now - _lastPlan < Interval)
        {
            return;
        }

        if (_dropAt is { } drop && now - drop >= Interval)
        {
            Plan(AfterDropShare * _beforeDropKbps, now);
        }
        else if (applicationLimited && currentKbps < maxKbps)
        {
            Plan(LimitedScale * currentKbps, now);
        }
    }

    private void PlanFirst(TimeSpan now)
    {
        _firstTries++;
        Plan(FirstScale * startKbps, now);
        Plan(SecondScale * startKbps, now);
    }

    private void Plan(double kbps, TimeSpan now)
    {
        double rate = Math.Min(kbps, maxKbps);
        if (_plans.Count > 0 && rate <= _lastProbedKbps)
        {
            return;  // both are cut to the largest rate
        }

        _plans.Enqueue(new ProbePlan(++_lastCluster, rate));
        _lastProbedKbps = rate;
        _lastPlan = now;
    }
}
