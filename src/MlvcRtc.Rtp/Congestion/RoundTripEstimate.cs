namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// Round-trip time as the smallest measurement of the last 10 s (as long as BBR keeps its own: draft-ietf-ccwg-bbr, MinRTTFilterLen): what a packet and
/// its feedback need without waiting in queues, for the feedback itself, or for a busy thread. One thread at a time.
/// </summary>
public sealed class RoundTripEstimate
{
    private readonly RecentMinimum _least = new(TimeSpan.FromSeconds(1), 10);

    /// <summary>Null until measured.</summary>
    public TimeSpan? Value => _least.Value;

    /// <summary>A measurement, made now.</summary>
    public void Add(TimeSpan roundTrip, TimeSpan now)
    {
        if (roundTrip > TimeSpan.Zero)
        {
            _least.Add(roundTrip, now);
        }
    }
}
