namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Which frames become long-term references. Every k-th, k = ceil((RTT + 2 frame intervals) · fps / (slots − 2)): then a slot is used anew only after
/// its acknowledgement had time to come, one slot being pinned and one being written (issue 3). Outside of
/// acknowledged-reference mode a mark every 100 ms is enough, and spares acknowledgements.
/// </summary>
/// <param name="slots">Slots that marks may use, 3..8; one of them stays pinned.</param>
/// <param name="alignment">Marks fall on multiples of this many frames after a key frame (<see cref="ReferencePolicyOptions.MarkAlignment"/>).</param>
public sealed class MarkSchedule(int slots, int alignment)
{
    /// <summary>Between two marks in ordinary operation, about: a recovery frame then refers at most RTT + 100 ms back.</summary>
    public static readonly TimeSpan OrdinaryInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Frames from mark to mark: a multiple of the alignment.</summary>
    /// <param name="roundTripTime">Not negative.</param>
    /// <param name="frameInterval">Above zero.</param>
    /// <param name="isLossy">Acknowledged-reference mode: as many marks as the slots allow.</param>
    public int Interval(TimeSpan roundTripTime, TimeSpan frameInterval, bool isLossy)
    {
        double inFlight = (roundTripTime / frameInterval) + 2;
        double least = isLossy ? 1 : Math.Round(OrdinaryInterval / frameInterval);
        double frames = Math.Max(Math.Ceiling(inFlight / (slots - 2)), least);
        return alignment * (int)Math.Clamp(Math.Ceiling(frames / alignment), 1, 1000);
    }

    /// <summary>Whether frame number <paramref name="frame"/> after a key frame (which is 0) is marked.</summary>
    public bool IsDue(long frame, TimeSpan roundTripTime, TimeSpan frameInterval, bool isLossy) =>
        frame % Interval(roundTripTime, frameInterval, isLossy) == 0;
}
