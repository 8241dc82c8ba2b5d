namespace MlvcRtc.Rtp.Packets;

/// <summary>RTP time of video: 90,000 ticks a second, modulo 2^32 (13 h 15 min).</summary>
public static class RtpTimestamp
{
    /// <summary>Ticks per second for video (RFC 3551 §5).</summary>
    public const int ClockRateHz = 90_000;

    /// <summary>The wrapped tick of an instant, rounded to the nearest.</summary>
    public static uint FromTimeSpan(TimeSpan instant) => unchecked((uint)ToTicks(instant));

    /// <summary>
    /// The instant near <paramref name="near"/> (within 6 h 37 min) that has this wrapped tick. When sender and receiver share
    /// a clock this gives the capture instant back, to 6 µs.
    /// </summary>
    public static TimeSpan ToTimeSpan(uint timestamp, TimeSpan near)
    {
        long nearTicks = ToTicks(near);
        long ticks = nearTicks + unchecked((int)(timestamp - (uint)nearTicks));
        return new TimeSpan((long)Math.Round(ticks * (decimal)TimeSpan.TicksPerSecond / ClockRateHz));
    }

    // 10,000,000 / 90,000 = 1000 / 9 time-span ticks per RTP tick.
    private static long ToTicks(TimeSpan instant) => (long)Math.Round(instant.Ticks * 9m / 1000m);
}
