namespace MlvcRtc.Call.Threads;

/// <summary>Ends one waiting thread's sleep. Wakes between two waits count once. Allocates nothing.</summary>
public sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim _changed = new(0);
    private int _signalled;

    public void Wake()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            _changed.Release();
        }
    }

    /// <summary>Waits until <see cref="Wake"/> was called since the last wait, or the time is over.</summary>
    /// <param name="timeout">Rounded up to whole milliseconds; null = no limit.</param>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void Wait(TimeSpan? timeout, CancellationToken stop)
    {
        int milliseconds = timeout is { } limit ? (int)Math.Clamp(Math.Ceiling(limit.TotalMilliseconds), 0, 60_000) : Timeout.Infinite;
        if (_changed.Wait(milliseconds, stop))
        {
            Volatile.Write(ref _signalled, 0);
        }
    }

    public void Dispose() => _changed.Dispose();
}
