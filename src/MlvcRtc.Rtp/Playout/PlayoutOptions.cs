namespace MlvcRtc.Rtp.Playout;

/// <summary>
/// How long pictures wait before they are shown, counted from the arrival that the least delayed frames have: jitter within the delay is not seen.
/// Equal bounds fix the delay.
/// </summary>
public sealed record PlayoutOptions
{
    /// <summary>Pictures are shown as soon as they are decoded.</summary>
    public static PlayoutOptions Immediate { get; } = Fixed(TimeSpan.Zero);

    /// <summary>0 .. 200 ms, as much as the measured jitter needs.</summary>
    public static PlayoutOptions Adaptive { get; } = new();

    /// <summary>Least delay, at least zero. Default: 0.</summary>
    public TimeSpan MinDelay { get; init; }

    /// <summary>
    /// Most delay, at least <see cref="MinDelay"/>. Default: 200 ms, which with a network of 100 ms one way and 50 ms for camera and codec stays under
    /// the 400 ms that ITU-T G.114 allows a conversation.
    /// </summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>While packets go missing on a link of up to 40 ms round trip, the delay has room for one retransmission. Default: true.</summary>
    public bool CoversRetransmission { get; init; } = true;

    /// <summary>Always this delay, at least zero: for comparing policies at equal delay.</summary>
    public static PlayoutOptions Fixed(TimeSpan delay) => new() { MinDelay = delay, MaxDelay = delay };
}
