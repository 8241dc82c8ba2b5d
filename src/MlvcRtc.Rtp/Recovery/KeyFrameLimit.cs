namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Whether a key frame is owed. A request that comes too soon after a key frame is forgotten, not kept: it was mostly sent before that frame
/// arrived, and a receiver in need repeats it. What the sender itself needs is kept, and waits.
/// </summary>
/// <param name="minInterval">Between two key frames at least.</param>
public sealed class KeyFrameLimit(TimeSpan minInterval)
{
    /// <summary>Issue 3; a key frame takes about ten ordinary frames' bits, so two a second already take two thirds of a 30 frames/s stream.</summary>
    public static readonly TimeSpan DefaultMinInterval = TimeSpan.FromMilliseconds(500);

    private bool _owed = true;  // a stream begins with a key frame
    private TimeSpan? _last;

    /// <summary>The receiver asks. False when it came too soon after the last key frame.</summary>
    public bool Request(TimeSpan now)
    {
        bool counts = MayBeMade(now);
        _owed |= counts;
        return counts;
    }

    /// <summary>The sender knows that the receiver cannot go on; made as soon as the limit allows.</summary>
    public void Owe() => _owed = true;

    /// <summary>The next frame is to be a key frame.</summary>
    public bool IsDue(TimeSpan now) => _owed && MayBeMade(now);

    /// <summary>A key frame was coded.</summary>
    public void Made(TimeSpan now)
    {
        _owed = false;
        _last = now;
    }

    private bool MayBeMade(TimeSpan now) => _last is not { } last || now - last >= minInterval;
}
