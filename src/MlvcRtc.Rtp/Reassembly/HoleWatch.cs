namespace MlvcRtc.Rtp.Reassembly;

/// <summary>What is known of the first missing fragment of one frame.</summary>
internal struct Hole
{
    /// <summary>Unwrapped number of the frame; -1 = none.</summary>
    public long Frame;

    public int Fragment;

    /// <summary>When the first packet of later position came.</summary>
    public TimeSpan Since;

    /// <summary>The fragment is lost, as far as one can tell.</summary>
    public bool Believed;

    /// <summary>Believed: until then a retransmission is worth waiting for; null = not decided yet.</summary>
    public TimeSpan? GiveUpAt;
}

/// <summary>Decides for each frame in flight when its missing fragment is believed lost: docs/payload-format.md §5. Time comes in.</summary>
internal sealed class HoleWatch
{
    /// <summary>A hole is believed after this many packets of later position.</summary>
    public const int LaterPackets = 2;

    /// <summary>A hole is believed this long after the first later packet, or after a quarter of the round trip if that is shorter.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(10);

    private readonly Hole[] _holes = new Hole[FrameWindow.MaxFrames];

    public HoleWatch() => Clear();

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Reorder allowance: how long a packet may be overtaken before it counts as lost.</summary>
    public TimeSpan Age => TimeSpan.FromTicks(Math.Min(MaxAge.Ticks, RoundTripTime.Ticks / 4));

    /// <summary>There are no holes.</summary>
    public void Clear() => Array.Fill(_holes, new Hole { Frame = -1 });

    /// <summary>The hole of a frame was believed when last looked at.</summary>
    public bool IsBelieved(long frame) => this[frame] is { Believed: true } hole && hole.Frame == frame;

    /// <summary>A hole is believed and no retransmission is worth waiting for.</summary>
    public bool IsGivenUp(long frame, TimeSpan now) => IsBelieved(frame) && !(now < this[frame].GiveUpAt);

    /// <param name="frame">The frame that is not whole.</param>
    /// <param name="fragment">Its first missing fragment.</param>
    /// <param name="laterPackets">Packets here of later position.</param>
    public ref Hole Look(long frame, int fragment, int laterPackets, TimeSpan now)
    {
        ref Hole hole = ref this[frame];
        if (hole.Frame != frame || laterPackets == 0)
        {
            hole = new Hole { Frame = frame, Fragment = fragment, Since = now };
        }
        else if (hole.Fragment != fragment)
        {
            (hole.Fragment, hole.Since) = (fragment, now);
        }

        hole.Believed = laterPackets >= LaterPackets || (laterPackets > 0 && now - hole.Since >= Age);
        return ref hole;
    }

    private ref Hole this[long frame] => ref _holes[frame & (FrameWindow.MaxFrames - 1)];
}
