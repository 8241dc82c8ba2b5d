namespace MlvcRtc.Call.Threads;

/// <summary>
/// Ends one waiting thread's sleep. Wakes between two waits count once. Allocates nothing once a thread has waited.
/// <para>An event of the system and not <see cref="SemaphoreSlim"/>, which yields some 60 times before it sleeps: Linux 6.18 takes a slice of a thread's share of the processor for each, and on a machine
/// with nothing to spare the thread was woken 200 ms late (docs/performance.md, "Too little time").</para>
/// </summary>
public sealed class WakeSignal : IDisposable
{
    private readonly AutoResetEvent _changed = new(initialState: false);
    private CancellationToken _heard;
    private CancellationTokenRegistration _hearing;

    public void Wake() => _changed.Set();

    /// <summary>Waits until <see cref="Wake"/> was called since the last wait, or the time is over. One thread at a time.</summary>
    /// <param name="timeout">Rounded up to whole milliseconds; null = no limit.</param>
    /// <param name="stop">The same at every wait, or the wait is slower.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void Wait(TimeSpan? timeout, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (stop != _heard)
        {
            _hearing.Dispose();
            _hearing = stop.UnsafeRegister(static signal => ((WakeSignal)signal!).Wake(), this);
            _heard = stop;
        }

        int milliseconds = timeout is { } limit ? (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, 60_000) : Timeout.Infinite;
        _changed.WaitOne(milliseconds);
        stop.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _hearing.Dispose();  // waits for a wake that is on its way
        _changed.Dispose();
    }
}
