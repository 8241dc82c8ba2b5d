namespace MlvcRtc.Lab.Network;

/// <summary>
/// A clock that stands until it is moved. Its tick is odd on purpose (70 MHz instead of the usual 10 or 1000), so that code which
/// takes counter ticks for time-span ticks shows itself.
/// </summary>
public sealed class VirtualClock : TimeProvider
{
    private const long TicksPerTimeSpanTick = 7;

    private long _timeSpanTicks;

    public TimeSpan Now => new(Interlocked.Read(ref _timeSpanTicks));

    public override long TimestampFrequency => TimeSpan.TicksPerSecond * TicksPerTimeSpanTick;

    public override long GetTimestamp() => Interlocked.Read(ref _timeSpanTicks) * TicksPerTimeSpanTick;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    /// <summary>Virtual time is polled; nothing may wait for it.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        throw new NotSupportedException("Virtual time has no timers: poll instead.");

    /// <summary>Moves to <paramref name="instant"/>; never back.</summary>
    public void MoveTo(TimeSpan instant)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(instant, Now);
        Interlocked.Exchange(ref _timeSpanTicks, instant.Ticks);
    }
}
