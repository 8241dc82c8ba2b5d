namespace MlvcRtc.Call.Scheduling;

/// <summary>
/// Which waiting pictures are worth coding. Each should be coded before the second one after it is captured; one that will not be gives way to the newer one that waits
/// already. The newest is always coded: late is better than never, and the ladder (<see cref="MachineLimit"/>) makes the work smaller. What is left out here was never
/// coded, so no frame refers to it. Pure: time comes in. One thread at a time.
/// </summary>
public sealed class EncodeAdmission
{
    /// <summary>Frame intervals from the capture to the deadline: later ones would have to wait for it.</summary>
    private const int DeadlineIntervals = 2;

    private readonly WorkTime _work = new();
    private int _samples;

    /// <summary>When a picture should be coded.</summary>
    /// <param name="interval">From one coded picture to the next.</param>
    public static TimeSpan DeadlineOf(TimeSpan captured, TimeSpan interval) => captured + (DeadlineIntervals * interval);

    /// <summary>Whether to code the picture.</summary>
    /// <param name="newerWaits">A newer picture waits.</param>
    public bool Admits(TimeSpan deadline, bool newerWaits, TimeSpan now) => !newerWaits || now + _work.Expected <= deadline;

    /// <summary>A picture was coded.</summary>
    /// <param name="samples">Luma samples of it.</param>
    public void Coded(int samples, TimeSpan taken)
    {
        if (samples != _samples)
        {
            _samples = samples;
            _work.Forget();
        }

        _work.Add(taken);
    }
}
