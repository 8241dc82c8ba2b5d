using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// When the receiver speaks of its references, and what it says: letter a: broken, and kept. The occasions are those of
/// <see cref="ReferenceFeedback"/>; without <see cref="RecoveryTools.References"/> only a broken picture is one, repeated every max(RTT, 100 ms), to be sent
/// as a PLI. Time comes in. Thread-safe: the receive thread asks, the decode thread reports.
/// </summary>
public sealed class FeedbackScheduler(RecoveryTools tools)
{
    /// <summary>Between two messages at most.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two messages on one break at least.</summary>
    private static readonly TimeSpan LeastRepeat = TimeSpan.FromMilliseconds(20);

    /// <summary>Between two PLIs at least: within a round trip the answer to the first may be on its way.</summary>
    private static readonly TimeSpan LeastKeyFrameRepeat = TimeSpan.FromMilliseconds(100);

    private readonly Lock _guard = new();
    private readonly DecoderLoad _load = new();
    private readonly bool _references = (tools & RecoveryTools.References) != 0;
    private readonly bool _asks = (tools & (RecoveryTools.References | RecoveryTools.KeyFrame)) != 0;
    private TimeSpan? _lastMessage;
    private TimeSpan? _lastBreak;
    private bool _networkBroken;
    private ushort? _decoderBrokenAt;
    private int _mendersWaiting;
    private bool _acknowledge;
    private ushort? _newestReceived;
    private ushort? _newestDecoded;
    private ushort? _bestKept;
    private byte _count;

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>When <see cref="TryTake"/> would say yes if nothing changes; null = no need.</summary>
    public TimeSpan? NextMessage
    {
        get
        {
            lock (_guard)
            {
                TimeSpan? due = !IsBroken ? null : _lastBreak is { } last ? last + Repeat : TimeSpan.Zero;
                due = _references && _acknowledge ? TimeSpan.Zero : due;
                return !_asks || _newestReceived is null ? null : due ?? (_references ? _lastMessage + KeepAlive : null);
            }
        }
    }

    private bool IsBroken => (_networkBroken || _decoderBrokenAt is not null) && _mendersWaiting == 0;

    private TimeSpan Repeat => TimeSpan.FromTicks(_references
        ? Math.Max(RoundTripTime.Ticks / 2, LeastRepeat.Ticks)
        : Math.Max(RoundTripTime.Ticks, LeastKeyFrameRepeat.Ticks));

    /// <summary>The message that is due now, SSRCs left out; it then counts as sent.</summary>
    public bool TryTake(TimeSpan now, out ReferenceFeedback message)
    {
        message = default;
        lock (_guard)
        {
            if (!_asks || _newestReceived is not { } received)
            {
                return false;
            }

            bool complains = IsBroken && !(now - _lastBreak < Repeat);
            bool reports = _references && (_acknowledge || !(now - _lastMessage < KeepAlive));
            if (!complains && !reports)
            {
                return false;
            }

            message = new ReferenceFeedback
            {
                LastReceived = received,
                LastDecoded = _newestDecoded ?? received,
                BestLtr = _bestKept ?? 0,
                HasBestLtr = _bestKept is not null,
                IsBroken = IsBroken,
                NeedsIntra = IsBroken && _bestKept is null,
                IsAcknowledgement = _acknowledge,
                DecoderIsCongested = _load.IsCongested,
                Count = _count++,
            };
            _lastMessage = now;
            _lastBreak = IsBroken ? now : null;
            _acknowledge = false;
            return true;
        }
    }

    /// <summary>What the assembler sees.</summary>
    /// <param name="broken">Frames are missing that nothing on its way can replace.</param>
    /// <param name="newestReceived">The newest frame of which a packet came; null = none came.</param>
    public void NetworkIs(bool broken, ushort? newestReceived)
    {
        lock (_guard)
        {
            _networkBroken = broken;
            _newestReceived = newestReceived;
            _lastBreak = IsBroken ? _lastBreak : null;  // the next break is told at once
        }
    }

    /// <summary>A whole frame goes to the decoder.</summary>
    public void FrameQueued(FrameType type)
    {
        lock (_guard)
        {
            _mendersWaiting += type == FrameType.Inter ? 0 : 1;
        }
    }

    /// <summary>A whole frame was thrown away before the decoder: what follows it will fail.</summary>
    public void FrameDropped(ushort frameId)
    {
        lock (_guard)
        {
            _decoderBrokenAt = frameId;
        }
    }

    /// <summary>The decoder dealt with a frame that was queued.</summary>
    /// <param name="bestKept">The newest frame that the decoder holds in a slot now; null = none.</param>
    /// <returns>True when there is something to say at once.</returns>
    public bool FrameTaken(EncodedFrame frame, bool decoded, ushort? bestKept)
    {
        ArgumentNullException.ThrowIfNull(frame);
        lock (_guard)
        {
            _mendersWaiting -= frame.Type == FrameType.Inter ? 0 : 1;
            _bestKept = bestKept;
            if (decoded)
            {
                _newestDecoded = frame.FrameId;
                bool mended = _decoderBrokenAt is { } broken && SequenceNumber.IsNewer(frame.FrameId, broken) && frame.TemporalId == 0;
                _decoderBrokenAt = mended ? null : _decoderBrokenAt;
                _acknowledge |= frame.LtrSlot is not null;
            }
            else if (!frame.Discardable)
            {
                _decoderBrokenAt = frame.FrameId;
            }

            return !decoded || _acknowledge;
        }
    }

    /// <summary>How many whole frames wait for the decoder.</summary>
    /// <returns>Whether decoding is slower than arrival.</returns>
    public bool DecoderHas(int waiting, TimeSpan now)
    {
        lock (_guard)
        {
            _load.Look(waiting, now);
            return _load.IsCongested;
        }
    }
}
