using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// The sender's side of reference-picture recovery: what the next frame is predicted from, and whether it is kept. What the receiver says comes in, a
/// <see cref="ReferenceChoice"/> comes out:
/// <code>
/// ReferenceFeedback ─► AcknowledgedReferences  (which slot holds what, what is confirmed)  ─┐
///                 ├──► RepairWatch             (is this report news?)                       ├─► Next
///                 └──► LossyLinkMode           (acknowledged-reference mode)                │
///                 ├──► FailedRepairs           (does the receiver keep what we think?)      │
///                 │    ChainRenewal            (is it time to predict from the root?)       │
/// PLI · FIR ─────────► KeyFrameLimit           (one per 500 ms)                            ─┘
/// </code>
/// Whatever comes in, no frame refers to a slot that was not confirmed (where receivers send no MLVC messages only renewals refer to slots, and roots count as confirmed), and no two key frames are nearer than the limit. Pure; one thread at a time; allocates nothing.
/// </summary>
public sealed class ReferencePolicy
{
    /// <summary>Assumed until the round trip is measured (libwebrtc's default for NACK).</summary>
    public static readonly TimeSpan DefaultRoundTripTime = TimeSpan.FromMilliseconds(100);

    /// <summary>After so long without a message any COUNT is taken: a receiver that starts anew counts anew. Four keep-alives.</summary>
    private static readonly TimeSpan CountIsValidFor = TimeSpan.FromSeconds(1);

    /// <summary>So long after the last trouble a link counts as quiet.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan FreezeTolerance = TimeSpan.FromMilliseconds(150);

    private readonly ReferencePolicyOptions _options;
    private readonly AcknowledgedReferences _references;
    private readonly MarkSchedule _marks;
    private readonly ChainRenewal _renewal;
    private readonly KeyFrameLimit _keyFrames;
    private readonly RepairWatch _repairs = new();           // by frames that do without the missing ones
    private readonly RepairWatch _restarts = new();          // by key frames
    private readonly FailedRepairs _failed = new();
    private readonly LossyLinkMode _link = new();
    private TimeSpan _roundTripTime = DefaultRoundTripTime;
    private (byte Count, TimeSpan At)? _lastHeard;
    private ushort? _lastCoded;
    private ushort? _lastReceived;
    private bool _repairWanted;
    private bool _wasRoutine;
    private TimeSpan? _disturbedAt;
    private bool _acknowledgedSinceRepair;

    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public ReferencePolicy(ReferencePolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _references = new AcknowledgedReferences(options.Slots);
        _marks = new MarkSchedule(options.Slots - 1, options.MarkAlignment);  // one slot is the root's
        _renewal = new ChainRenewal(options.Tools == RecoveryTools.None ? 0 : options.RenewalPeriod);  // a renewal mends: without tools nothing does
        _keyFrames = new KeyFrameLimit(options.MinKeyFrameInterval);
        FrameInterval = options.FrameInterval;
    }

    /// <summary>Smoothed; not negative. 100 ms until it is set.</summary>
    public TimeSpan RoundTripTime
    {
        get => _roundTripTime;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            _roundTripTime = value;
        }
    }

    /// <summary>One frame at the present rate; above zero.</summary>
    public TimeSpan FrameInterval { get; set; }

    /// <summary>What the receiver is known to keep.</summary>
    public AcknowledgedReferences References => _references;

    /// <summary>Share of packets lost, as far as it was told; 0..1.</summary>
    public double Loss => _link.Loss;

    /// <summary>Reports of breaks that were news.</summary>
    public long Breaks { get; private set; }

    private bool UsesReferences => (_options.Tools & RecoveryTools.References) != 0;

    /// <summary>
    /// A packet sent again is here before the picture counts as frozen, which it does after a frame interval and 150 ms (webrtc-stats): one interval until the loss shows, and a round trip.
    /// </summary>
    private bool RepairsAreQuick => (_options.Tools & RecoveryTools.Retransmission) != 0 && _roundTripTime < FreezeTolerance;

    private bool UsesKeyFrames => (_options.Tools & RecoveryTools.KeyFrame) != 0;

    /// <summary>Every frame is predicted from what the receiver confirmed, so that a lost packet costs one frame and nothing after it.</summary>
    public bool IsInAcknowledgedReferenceMode(TimeSpan now) => UsesReferences && _references.NewestAcknowledged is not null && _options.AcknowledgedReferences switch
    {
        AcknowledgedReferenceUse.Never => false,
        AcknowledgedReferenceUse.Always => true,
        _ => _link.IsOn || _link.IsSilent(now, _roundTripTime, FrameInterval),
    };

    /// <summary>What the next frame is. Asked again before a frame was coded, it answers the same or what has become better meanwhile.</summary>
    public ReferenceChoice Next(TimeSpan now)
    {
        _link.Update(RepairsAreQuick, now);
        int? confirmed = UsesReferences ? _references.NewestAcknowledged : null;
        if (_repairWanted && confirmed is null)
        {
            AskForKeyFrame(now);
        }

        if (RefreshIsDue(now))
        {
            _keyFrames.Owe();
        }

        if (_keyFrames.IsDue(now))
        {
            return ReferenceChoice.KeyFrame with { MarkSlot = 0 };  // as the codec does
        }

        long frame = _references.FrameNumber + 1;
        bool lossy = IsInAcknowledgedReferenceMode(now);
        bool repairs = _repairWanted && confirmed is not null;
        if (!repairs && RenewsFrom(now) is { } root)
        {
            return new ReferenceChoice(FrameType.Recovery, root, _references.SlotForMark);
        }

        bool marks = ChainRenewal.IsFirstRoot(frame) || (UsesReferences && _marks.IsDue(frame, _roundTripTime, FrameInterval, lossy));
        int? mark = marks ? _references.SlotForMark : null;
        return repairs || lossy
            ? new ReferenceChoice(FrameType.Recovery, confirmed, mark, IsRoutine: !repairs)
            : new ReferenceChoice(FrameType.Inter, null, mark, IsDiscardable: UsesReferences && _options.TwoLayers && mark is null && frame % 2 != 0);
    }

    /// <summary>A frame was coded and goes out.</summary>
    /// <param name="frame">What the encoder made, which may be a key frame that nobody asked for.</param>
    /// <param name="departure">When its last packet will leave, as far as is known; now or later.</param>
    /// <param name="now">Time.</param>
    public void FrameCoded(EncodedFrame frame, TimeSpan departure, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool renews = frame.Type == FrameType.Recovery && RenewsFrom(now) is { } root && frame.ReferenceId == _references.FrameIn(root);
        bool isRoot = renews || frame.Type == FrameType.Intra || ChainRenewal.IsFirstRoot(_references.FrameNumber + 1);
        _references.FrameCoded(frame, isRoot, renews);
        if (renews)
        {
            _renewal.Made(now);
        }

        if (!UsesReferences && frame.LtrSlot is not null)
        {
            _references.Acknowledge(frame.FrameId);  // nobody will say so; a receiver that lacks it asks for a key frame
        }

        _lastCoded = frame.FrameId;
        bool routine = frame.Type == FrameType.Recovery && !_repairWanted && !renews;
        if (frame.Type != FrameType.Inter && !(routine && _wasRoutine))
        {
            // The first frame of acknowledged-reference mode mends; the others only go on, and must not make every report look answered.
            _repairWanted = false;
            _acknowledgedSinceRepair = false;
            _repairs.Sent(frame.FrameId, departure);
        }

        _wasRoutine = routine;
        if (frame.Type == FrameType.Intra)
        {
            _keyFrames.Made(now);
            _restarts.Sent(frame.FrameId, departure);
        }
    }

    /// <summary>The last coded frame could not be sent: the chain is broken at the sender.</summary>
    public void FrameUnsent()
    {
        _repairs.Unsent();
        _restarts.Unsent();
        _repairWanted = true;
        if (!UsesReferences || _references.NewestAcknowledged is null)
        {
            _keyFrames.Owe();
        }
    }

    /// <summary>The encoder has nothing in this slot. Ask <see cref="Next"/> again: it names another, or a key frame.</summary>
    public void SlotRefused(int slot)
    {
        _references.Remove(slot);
        _repairWanted = true;
    }

    /// <summary>The receiver's word on its references.</summary>
    /// <returns>False when it is older than one heard before, or the same.</returns>
    public bool Receive(in ReferenceFeedback feedback, TimeSpan now)
    {
        if (_lastHeard is { } last && now - last.At < CountIsValidFor && (byte)(feedback.Count - last.Count) is 0 or >= 0x80)
        {
            return false;
        }

        _lastHeard = (feedback.Count, now);
        bool wasSent = _lastCoded is { } coded && !SequenceNumber.IsNewer(feedback.LastReceived, coded);
        if (wasSent && (_lastReceived is not { } newest || SequenceNumber.IsNewer(feedback.LastReceived, newest)))
        {
            _lastReceived = feedback.LastReceived;
            _link.Progress(now);
        }

        if (UsesReferences)
        {
            HearOfReferences(feedback, now);
        }

        // A receiver without any reference is helped by key frames only.
        RepairWatch answers = feedback.NeedsIntra ? _restarts : _repairs;
        if ((feedback.IsBroken || feedback.NeedsIntra) && !_repairWanted && !answers.Answers(feedback.LastReceived, _roundTripTime, now))
        {
            ChainBroke(now);
        }

        return true;
    }

    /// <summary>A PLI: the picture is broken, and the receiver does not say how (RFC 4585 §6.3.1). Answered as a break once, and with a key frame when that did not help.</summary>
    public void PictureLost(TimeSpan now)
    {
        if (UsesReferences && _repairs.IsOnItsWay(_roundTripTime, now))
        {
            return;
        }

        if (!_acknowledgedSinceRepair)
        {
            _link.ChainBroke(RepairsAreQuick, now);
            AskForKeyFrame(now);
        }
        else if (!_repairWanted)
        {
            ChainBroke(now);
        }
    }

    /// <summary>A FIR: a new viewer, who has nothing (RFC 5104 §4.3.1).</summary>
    public void KeyFrameRequested(TimeSpan now) => AskForKeyFrame(now);

    /// <summary>RPSI: the receiver keeps this frame (RFC 4585 §6.3.3).</summary>
    public void ReferenceConfirmed(ushort frameId) => _acknowledgedSinceRepair |= UsesReferences && _references.Acknowledge(frameId);

    /// <summary>Share of packets lost since the last word, 0..1.</summary>
    public void LossMeasured(double ratio, TimeSpan now) => _link.LossMeasured(ratio, now);

    private bool RefreshIsDue(TimeSpan now)
    {
        bool silent = _link.IsSilent(now, _roundTripTime, FrameInterval);
        _disturbedAt = silent || IsInAcknowledgedReferenceMode(now) ? now : _disturbedAt;
        return _options.RefreshPeriod > 0 && _references.FrameNumber + 1 >= _options.RefreshPeriod
            && (_options.Tools & (RecoveryTools.KeyFrame | RecoveryTools.Retransmission)) == (RecoveryTools.KeyFrame | RecoveryTools.Retransmission)
            && !(now - _disturbedAt < Quiet);
    }

    /// <summary>The slot that the next frame renews the chain from; null = it does not.</summary>
    private int? RenewsFrom(TimeSpan now) =>
        _references.Root is { } root && _renewal.IsDue(_references.FrameNumber + 1, _references.AgeOfNext(root), _roundTripTime, now) ? root : null;

    private void HearOfReferences(in ReferenceFeedback feedback, TimeSpan now)
    {
        bool failed = _failed.Hear(feedback, _roundTripTime, now);
        if (feedback.NeedsIntra || !feedback.HasBestLtr)
        {
            _references.ForgetAll();
        }
        else
        {
            // Also when its slot was used anew here: a reference that the receiver does not name is none, and a key frame is better than none.
            _acknowledgedSinceRepair |= _references.Acknowledge(feedback.BestLtr);
            _references.ForgetNewerThan(feedback.BestLtr);
            if (failed)
            {
                _references.ForgetOlderThan(feedback.BestLtr);
            }
        }
    }

    private void ChainBroke(TimeSpan now)
    {
        Breaks++;
        _disturbedAt = now;
        _link.ChainBroke(RepairsAreQuick, now);
        if (UsesReferences && _references.NewestAcknowledged is not null)
        {
            _repairWanted = true;
        }
        else
        {
            AskForKeyFrame(now);
        }
    }

    private void AskForKeyFrame(TimeSpan now)
    {
        if (UsesKeyFrames)
        {
            _keyFrames.Request(now);
        }
    }
}
