namespace MlvcRtc.Rtp.Congestion;

/// <summary>How two neighbouring groups of packets differ in departure and arrival.</summary>
/// <param name="Sent">From the departure of the one group to that of the next.</param>
/// <param name="Arrived">From the arrival of the one group to that of the next.</param>
/// <param name="At">Arrival of the later group.</param>
public readonly record struct GroupDelta(TimeSpan Sent, TimeSpan Arrived, TimeSpan At);

/// <summary>
/// Gathers packets that left together into groups, and tells how much longer or shorter each group travelled than the one before
/// (draft-ietf-rmcat-gcc-02 §5.2, "Pre-filtering" in §5.1). One thread at a time.
/// </summary>
public sealed class ArrivalGroups
{
    /// <summary>Packets that leave within so much are a group: burst_time, 5 ms.</summary>
    private static readonly TimeSpan BurstTime = TimeSpan.FromMilliseconds(5);

    /// <summary>A burst that arrives together is one group at most this long (libwebrtc: kMaxBurstDuration).</summary>
    private static readonly TimeSpan MaxBurst = TimeSpan.FromMilliseconds(100);

    private Group? _complete;
    private Group? _current;

    /// <summary>Takes a packet that arrived; true when it ended a group that has a predecessor.</summary>
    public bool TryAdd(TimeSpan sent, TimeSpan arrival, out GroupDelta delta)
    {
        delta = default;
        if (_current is not { } current)
        {
            _current = Group.Of(sent, arrival);
            return false;
        }

        if (sent < current.FirstSent)
        {
            return false;  // overtaken by a later group
        }

        if (BelongsTo(current, sent, arrival))
        {
            _current = current with
            {
                LastSent = sent > current.LastSent ? sent : current.LastSent,
                LastArrival = arrival > current.LastArrival ? arrival : current.LastArrival,
            };
            return false;
        }

        bool has = false;
        if (_complete is { } before && current.LastArrival >= before.LastArrival)
        {
            delta = new GroupDelta(current.LastSent - before.LastSent, current.LastArrival - before.LastArrival, current.LastArrival);
            has = true;
        }

        _complete = current;
        _current = Group.Of(sent, arrival);
        return has;
    }

    private static bool BelongsTo(Group group, TimeSpan sent, TimeSpan arrival)
    {
        if (sent - group.FirstSent <= BurstTime)
        {
            return true;
        }

        // What waited together on the way (a Wi-Fi access point that was busy) arrives at once and says nothing of the bottleneck.
        TimeSpan arrivedAfter = arrival - group.LastArrival;
        bool cameCloser = arrivedAfter < sent - group.LastSent;
        return cameCloser && arrivedAfter <= BurstTime && arrival - group.FirstArrival < MaxBurst;
    }

    private readonly record struct Group(TimeSpan FirstSent, TimeSpan LastSent, TimeSpan FirstArrival, TimeSpan LastArrival)
    {
        public static Group Of(TimeSpan sent, TimeSpan arrival) => new(sent, sent, arrival, arrival);
    }
}
