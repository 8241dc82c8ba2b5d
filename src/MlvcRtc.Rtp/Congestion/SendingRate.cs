namespace MlvcRtc.Rtp.Congestion;

/// <summary>What left in the last second, in kbit/s: tells whether the application uses what it may. One thread at a time.</summary>
public sealed class SendingRate
{
    private const int Slots = 10, SlotMs = 100;

    private readonly long[] _bytes = new long[Slots];
    private readonly long[] _slot = new long[Slots];
    private long _first = -1;

    public void Add(int sizeBytes, TimeSpan now)
    {
        long slot = SlotOf(now);
        _first = _first < 0 ? slot : _first;
        int place = (int)(slot % Slots);
        _bytes[place] = _slot[place] == slot ? _bytes[place] + sizeBytes : sizeBytes;
        _slot[place] = slot;
    }

    /// <summary>Over the whole slots of the last second; null before one has passed.</summary>
    public double? KbpsAt(TimeSpan now)
    {
        long current = SlotOf(now);
        if (_first < 0 || current - _first < Slots)
        {
            return null;
        }

        long bytes = 0;
        for (int i = 0; i < Slots; i++)
        {
            bytes += current - _slot[i] is > 0 and < Slots ? _bytes[i] : 0;
        }

        return bytes * 8.0 / ((Slots - 1) * SlotMs);
    }

    private static long SlotOf(TimeSpan now) => now.Ticks / (SlotMs * TimeSpan.TicksPerMillisecond);
}
