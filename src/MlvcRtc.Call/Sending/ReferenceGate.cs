using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// The <see cref="ReferencePolicy"/> of one stream between two threads: feedback comes in on the link's, choices are asked for on the encode thread. Thread-safe.
/// </summary>
public sealed class ReferenceGate(ReferencePolicyOptions options)
{
    private readonly Lock _guard = new();
    private readonly ReferencePolicy _policy = new(options);

    /// <inheritdoc cref="ReferencePolicy.RoundTripTime"/>
    public TimeSpan RoundTripTime
    {
        get
        {
            lock (_guard)
            {
                return _policy.RoundTripTime;
            }
        }

        set
        {
            lock (_guard)
            {
                _policy.RoundTripTime = value;
            }
        }
    }

    /// <inheritdoc cref="ReferencePolicy.FrameInterval"/>
    public TimeSpan FrameInterval
    {
        set
        {
            lock (_guard)
            {
                _policy.FrameInterval = value;
            }
        }
    }

    /// <inheritdoc cref="ReferencePolicy.Breaks"/>
    public long Breaks
    {
        get
        {
            lock (_guard)
            {
                return _policy.Breaks;
            }
        }
    }

    /// <inheritdoc cref="ReferencePolicy.Next"/>
    public ReferenceChoice Next(TimeSpan now)
    {
        lock (_guard)
        {
            return _policy.Next(now);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.FrameCoded"/>
    public void FrameCoded(EncodedFrame frame, TimeSpan departure, TimeSpan now)
    {
        lock (_guard)
        {
            _policy.FrameCoded(frame, departure, now);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.FrameUnsent"/>
    public void FrameUnsent()
    {
        lock (_guard)
        {
            _policy.FrameUnsent();
        }
    }

    /// <inheritdoc cref="ReferencePolicy.SlotRefused"/>
    public void SlotRefused(int slot)
    {
        lock (_guard)
        {
            _policy.SlotRefused(slot);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.Receive"/>
    public bool Receive(in ReferenceFeedback feedback, TimeSpan now)
    {
        lock (_guard)
        {
            return _policy.Receive(feedback, now);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.PictureLost"/>
    public void PictureLost(TimeSpan now)
    {
        lock (_guard)
        {
            _policy.PictureLost(now);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.KeyFrameRequested"/>
    public void KeyFrameRequested(TimeSpan now)
    {
        lock (_guard)
        {
            _policy.KeyFrameRequested(now);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.ReferenceConfirmed"/>
    public void ReferenceConfirmed(ushort frameId)
    {
        lock (_guard)
        {
            _policy.ReferenceConfirmed(frameId);
        }
    }

    /// <inheritdoc cref="ReferencePolicy.LossMeasured"/>
    public void LossMeasured(double ratio, TimeSpan now)
    {
        lock (_guard)
        {
            _policy.LossMeasured(ratio, now);
        }
    }
}
