namespace MlvcRtc.Call.Scheduling;

/// <summary>
/// How long the next piece of work will take, judged by those before it: the smoothed mean and its deviation (the estimator of RFC 6298 §2, after Jacobson). One thread at a time.
/// </summary>
public sealed class WorkTime
{
    private const double Gain = 1.0 / 8, DeviationGain = 1.0 / 4;

    /// <summary>Deviations added for "almost always": of a bell curve 95 % lie within 2.5 mean deviations; RFC 6298 takes 4 for a timer that must not fire in vain.</summary>
    private const double Margin = 2.5;

    private double? _meanTicks;
    private double _deviationTicks;

    /// <summary>What the next piece will almost always stay within; zero while nothing is known.</summary>
    public TimeSpan Expected => TimeSpan.FromTicks((long)((_meanTicks ?? 0) + (Margin * _deviationTicks)));

    /// <summary>A piece took so long.</summary>
    public void Add(TimeSpan taken)
    {
        if (_meanTicks is not { } mean)
        {
            (_meanTicks, _deviationTicks) = (taken.Ticks, taken.Ticks / 2.0 / Margin);
            return;
        }

        _deviationTicks += DeviationGain * (Math.Abs(taken.Ticks - mean) - _deviationTicks);
        _meanTicks = mean + (Gain * (taken.Ticks - mean));
    }

    /// <summary>The work has another size from now on.</summary>
    public void Forget() => (_meanTicks, _deviationTicks) = (null, 0);
}
