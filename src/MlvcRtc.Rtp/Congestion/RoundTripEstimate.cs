namespace MlvcRtc.Rtp.Congestion;

/// <summary>
/// Round-trip time as the smallest of recent measurements: what a packet and its feedback need without waiting in queues, for the
/// feedback itself, or for a busy thread. One thread at a time.
/// </summary>
public sealed class RoundTripEstimate
{
    /// <summary>Memory in all: as long as BBR keeps its least round-trip time (draft-ietf-ccwg-bbr §2.14.1, MinRTTFilterLen 10 s).</summary>
    private const int Seconds = 10;

    private readonly TimeSpan[] _least = new TimeSpan[Seconds];  // of each of the last seconds
    private readonly long[] _second = new long[Seconds];

    public RoundTripEstimate() => Array.Fill(_second, -1);

    /// <summary>Null until measured.</summary>
    public TimeSpan? Value { get; private set; }

    /// <summary>A measurement, made now.</summary>
    public void Add(TimeSpan roundTrip, TimeSpan now)
    {
        if (roundTrip <= TimeSpan.Zero)
        {
            return;
        }

        long second = now.Ticks / TimeSpan.TicksPerSecond;
        int place = (int)(second % Seconds);
        bool sameSecond = _second[place] == second;
        _least[place] = sameSecond && _least[place] < roundTrip ? _least[place] : roundTrip;
        _second[place] = second;
        TimeSpan least = roundTrip;
        for (int i = 0; i < Seconds; i++)
        {
            bool recent = _second[i] >= 0 && second - _second[i] < Seconds;
            least = recent && _least[i] < least ? _least[i] : least;
        }

        Value = least;
    }
}
