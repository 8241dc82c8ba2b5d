using MlvcRtc.Media;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Decides when a key frame is made. A request that comes too soon after a key frame is forgotten, not kept: it was mostly
/// sent before that frame arrived, and a receiver in need repeats it (<see cref="Receiving.KeyFrameRequester"/>). Thread-safe.
/// </summary>
public sealed class KeyFrameGate(TimeSpan minInterval)
{
    /// <summary>Between two key frames at least, unless forced: libwebrtc's min_keyframe_send_interval.</summary>
    public static readonly TimeSpan DefaultMinInterval = TimeSpan.FromMilliseconds(300);

    private readonly Lock _guard = new();
    private bool _wanted = true;  // a stream begins with a key frame
    private TimeSpan? _lastKeyFrame;

    /// <summary>What the next frame should be.</summary>
    public FrameType Wanted
    {
        get
        {
            lock (_guard)
            {
                return _wanted ? FrameType.Intra : FrameType.Inter;
            }
        }
    }

    /// <summary>The receiver asks. False when it came too soon after the last key frame.</summary>
    public bool Request(TimeSpan now)
    {
        lock (_guard)
        {
            if (_lastKeyFrame is { } last && now - last < minInterval)
            {
                return false;
            }

            _wanted = true;
            return true;
        }
    }

    /// <summary>The chain is broken at the sender: a coded frame could not be sent.</summary>
    public void Force()
    {
        lock (_guard)
        {
            _wanted = true;
        }
    }

    /// <summary>A key frame was coded.</summary>
    public void KeyFrameMade(TimeSpan now)
    {
        lock (_guard)
        {
            _wanted = false;
            _lastKeyFrame = now;
        }
    }
}
