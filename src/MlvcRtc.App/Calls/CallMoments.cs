namespace MlvcRtc.App.Calls;

/// <summary>When what happened, on the one clock (<see cref="Media.MediaClock"/>), which processes on one machine share. Null = it has not.</summary>
internal sealed class CallMoments
{
    /// <summary>Just before the connection to the signaling server was begun.</summary>
    public TimeSpan? Joining { get; set; }

    /// <summary>We have a seat.</summary>
    public TimeSpan? Joined { get; set; }

    /// <summary>The other side was in the room before us.</summary>
    public bool JoinedSecond { get; set; }

    /// <summary>The other side is in the room.</summary>
    public TimeSpan? PeerArrived { get; set; }

    /// <summary>Media can flow, for the first time.</summary>
    public TimeSpan? Connected { get; set; }

    /// <summary>The first frame was decoded.</summary>
    public TimeSpan? FirstFrame { get; set; }

    /// <summary>The call is over.</summary>
    public TimeSpan? Ended { get; set; }

    /// <summary>Times that the path was lost.</summary>
    public int PathLosses { get; set; }

    /// <summary>Searches for a new path (ICE restarts) that this side began.</summary>
    public int Restarts { get; set; }

    /// <summary>Milliseconds from one instant to another; null when one of them has not come.</summary>
    public static double? Between(TimeSpan? from, TimeSpan? to) => to - from is { } span ? Math.Round(span.TotalMilliseconds, 1) : null;
}
