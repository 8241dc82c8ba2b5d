namespace MlvcRtc.Rtp.Packets;

/// <summary>Wall-clock time as RTCP tells it (RFC 3550 §4, RFC 5905 §6): seconds since 1900 in the upper 32 bits, 2^-32 s in the lower.</summary>
public readonly record struct NtpTime(ulong Value)
{
    private static readonly DateTimeOffset Epoch = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The middle 32 bits, in 1/65,536 s modulo 18 hours: what reports refer to (LSR, RFC 3550 §6.4.1).</summary>
    public uint Compact => (uint)(Value >> 16);

    public static NtpTime From(DateTimeOffset instant)
    {
        long ticks = (instant - Epoch).Ticks;
        ulong seconds = (ulong)(ticks / TimeSpan.TicksPerSecond);
        ulong fraction = ((ulong)(ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return new(unchecked((seconds << 32) + fraction));  // begins anew in 2036, which differences survive
    }

    /// <summary>From another time to this one, negative when this one is earlier; right as long as they are less than 68 years apart, also across the wrap of 2036.</summary>
    public TimeSpan Since(NtpTime other) => TimeSpan.FromSeconds(unchecked((long)(Value - other.Value)) / 4_294_967_296.0);

    /// <summary>Of a span, as DLSR counts it: 1/65,536 s. Spans below zero are zero, the longest is 18 hours.</summary>
    public static uint CompactOf(TimeSpan span) => (uint)Math.Clamp(span.TotalSeconds * 65_536, 0, uint.MaxValue);
}

/// <summary>
/// Tells wall-clock time by the monotonic clock, read together once: all streams of one side must use the same, so that they can be played in step, and a wall clock that is set during a call
/// must not look like a delay.
/// </summary>
/// <param name="utc">The wall clock…</param>
/// <param name="at">…at this instant of the one clock (Media's <c>MediaClock</c>).</param>
public sealed class NtpClock(DateTimeOffset utc, TimeSpan at)
{
    public NtpTime At(TimeSpan instant) => NtpTime.From(utc + (instant - at));
}
