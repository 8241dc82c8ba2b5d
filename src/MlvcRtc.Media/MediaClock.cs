namespace MlvcRtc.Media;

/// <summary>
/// One reading of time for everything in a process: the span since the zero of a <see cref="TimeProvider"/>'s monotonic
/// counter. Capture stamps, packet arrivals and presentations taken from the same provider can be subtracted.
/// </summary>
public static class MediaClock
{
    /// <summary>The present instant on the monotonic clock of <paramref name="time"/>; never goes back.</summary>
    public static TimeSpan Now(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time.GetElapsedTime(0);
    }
}
