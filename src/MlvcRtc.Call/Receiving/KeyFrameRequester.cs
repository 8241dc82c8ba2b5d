namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Letter a: asks for a key frame while the picture cannot go on, at once and then every max(round trip, 100 ms), until a key
/// frame is here. Time comes in. Thread-safe: the receive thread asks, the decode thread reports.
/// </summary>
public sealed class KeyFrameRequester
{
    /// <summary>Two requests are never closer: within a round trip the answer to the first may be on its way.</summary>
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _guard = new();
    private TimeSpan? _lastRequest;
    private bool _networkBroken;
    private bool _decoderBroken;
    private int _keyFramesWaiting;

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>When <see cref="TryRequest"/> would say yes if nothing changes; null = no need.</summary>
    public TimeSpan? NextRequest
    {
        get
        {
            lock (_guard)
            {
                return !Needed ? null : _lastRequest is { } last ? last + Interval : TimeSpan.Zero;
            }
        }
    }

    private bool Needed => (_networkBroken || _decoderBroken) && _keyFramesWaiting == 0;

    private TimeSpan Interval => TimeSpan.FromTicks(Math.Max(RoundTripTime.Ticks, MinInterval.Ticks));

    /// <summary>True when a request should be sent now; it then counts as sent.</summary>
    public bool TryRequest(TimeSpan now)
    {
        lock (_guard)
        {
            if (!Needed || now - _lastRequest < Interval)
            {
                return false;
            }

            _lastRequest = now;
            return true;
        }
    }

    /// <summary>Whether frames are missing that nothing on its way can replace.</summary>
    public void NetworkIs(bool broken)
    {
        lock (_guard)
        {
            _networkBroken = broken;
        }
    }

    /// <summary>A whole key frame waits for the decoder.</summary>
    public void KeyFrameArrived()
    {
        lock (_guard)
        {
            _keyFramesWaiting++;
        }
    }

    /// <summary>The decoder dealt with a key frame.</summary>
    public void KeyFrameTaken(bool decoded)
    {
        lock (_guard)
        {
            _keyFramesWaiting--;
            _decoderBroken = !decoded;
        }
    }

    /// <summary>A frame could not be decoded, or had to be thrown away before.</summary>
    public void FrameFailed()
    {
        lock (_guard)
        {
            _decoderBroken = true;
        }
    }
}
