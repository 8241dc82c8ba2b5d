namespace MlvcRtc.Lab.Network;

/// <summary>Conditions from an instant on.</summary>
/// <param name="From">Since the start of the link's clock; the first step holds before its instant, too.</param>
public readonly record struct LinkStep(TimeSpan From, LinkConditions Conditions);

/// <summary>Conditions that change over time. One pair of conditions is a schedule of a single step.</summary>
public sealed class LinkSchedule
{
    private readonly LinkStep[] _steps;
    private readonly TimeSpan? _period;

    /// <param name="steps">At least one, in order of time.</param>
    /// <param name="period">The schedule begins anew after this time; not before the last step. Null = the last step holds for ever.</param>
    public LinkSchedule(IEnumerable<LinkStep> steps, TimeSpan? period = null)
    {
        _steps = [.. steps];
        ArgumentOutOfRangeException.ThrowIfZero(_steps.Length, nameof(steps));
        if (_steps.Zip(_steps.Skip(1)).Any(pair => pair.Second.From <= pair.First.From))
        {
            throw new ArgumentException("The steps of a schedule stand in order of time.", nameof(steps));
        }

        if (period <= _steps[^1].From)
        {
            throw new ArgumentException("A schedule begins anew only after its last step.", nameof(period));
        }

        _period = period;
    }

    public static implicit operator LinkSchedule(LinkConditions conditions) => new([new LinkStep(TimeSpan.Zero, conditions)]);

    public static LinkSchedule FromLinkConditions(LinkConditions conditions) => conditions;

    /// <summary>What holds at an instant.</summary>
    public LinkConditions At(TimeSpan now)
    {
        TimeSpan place = _period is { } period ? TimeSpan.FromTicks(now.Ticks % period.Ticks) : now;
        int low = 0;
        int high = _steps.Length - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = _steps[middle].From <= place ? (middle, high) : (low, middle - 1);
        }

        return _steps[low].Conditions;
    }
}
