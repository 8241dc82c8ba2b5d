namespace MlvcRtc.Rtp.Reassembly;

/// <summary>Decides when a missing fragment is believed lost: docs/payload-format.md §5. Time comes in.</summary>
internal sealed class HoleWatch
{
    /// <summary>A hole is believed after this many packets of later position.</summary>
    public const int LaterPackets = 2;

    /// <summary>A hole is believed this long after the first later packet, or after a quarter of the round trip if that is shorter.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromMilliseconds(10);

    private (long Frame, int Fragment) _hole;
    private TimeSpan? _since;

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    public bool Believed { get; private set; }

    /// <summary>When time alone will make the hole believed; null = it will not.</summary>
    public TimeSpan? NextLook => Believed ? null : _since + Age;

    private TimeSpan Age => TimeSpan.FromTicks(Math.Min(MaxAge.Ticks, RoundTripTime.Ticks / 4));

    /// <summary>There is no hole.</summary>
    public void Clear()
    {
        _since = null;
        Believed = false;
    }

    /// <summary>Nothing can fill the hole any more.</summary>
    public void Believe() => Believed = true;

    /// <param name="hole">The first missing fragment of the frame that is due.</param>
    /// <param name="laterPackets">Packets here of later position.</param>
    public void Look((long Frame, int Fragment) hole, int laterPackets, TimeSpan now)
    {
        if (laterPackets == 0)
        {
            Clear();
            return;
        }

        if (_since is null || hole != _hole)
        {
            _hole = hole;
            _since = now;
        }

        Believed = laterPackets >= LaterPackets || now - _since.Value >= Age;
    }
}
