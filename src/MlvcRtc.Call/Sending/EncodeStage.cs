using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Sending;

/// <summary>Append-only: what became of one captured picture.</summary>
public enum EncodeOutcome
{
    /// <summary><see cref="EncodeStage.Coded"/> holds the frame.</summary>
    Coded = 0,

    /// <summary>The pacer's queue is longer than one frame interval.</summary>
    SkippedForQueue = 1,

    /// <summary>The budget wanted no frame.</summary>
    SkippedForBudget = 2,

    /// <summary>Half the frame rate is sent.</summary>
    LeftOut = 3,

    /// <summary>It would not have been coded in time.</summary>
    SkippedForTime = 4,
}

/// <summary>
/// Steps 2 and 3: asks for bits and encodes. A picture is skipped before encoding when the network is behind, because a coded
/// frame that is not sent breaks the reference chain. Time comes in. One thread at a time.
/// </summary>
/// <param name="shaping">Size, frame rate and layers.</param>
public sealed class EncodeStage(
    IVideoEncoder encoder, IFrameBudget budget, PacedSender sender, ReferenceGate references, TargetRate rate, ShapeStage shaping)
{
    /// <summary>Retransmissions leave at least this share of the target to new frames; they may use half of it themselves.</summary>
    private const double LeastShareOfNewFrames = 0.5;

    private readonly Counter _skippedForQueue = new();
    private readonly Counter _skippedForBudget = new();
    private readonly Counter _skippedForTime = new();
    private readonly Counter _leftOut = new();
    private readonly Counter _encoded = new();
    private readonly Counter _keyFrames = new();
    private readonly Counter _repairs = new();
    private readonly Counter _routine = new();
    private readonly Counter _payloadBytes = new();

    /// <summary>The last coded frame; overwritten by the next.</summary>
    public EncodedFrame Coded { get; } = new();

    /// <summary><see cref="Coded"/> mends a broken picture: no ordinary frame, and none of those that acknowledged-reference mode makes.</summary>
    public bool CodedIsRepair { get; private set; }

    public long SkippedForQueue => _skippedForQueue.Value;

    public long SkippedForBudget => _skippedForBudget.Value;

    public long SkippedForTime => _skippedForTime.Value;

    /// <summary>For half the frame rate.</summary>
    public long LeftOut => _leftOut.Value;

    public long FramesEncoded => _encoded.Value;

    public long KeyFrames => _keyFrames.Value;

    /// <summary>Recovery frames that mended a broken picture.</summary>
    public long RepairFrames => _repairs.Value;

    /// <summary>Recovery frames of acknowledged-reference mode.</summary>
    public long AcknowledgedReferenceFrames => _routine.Value;

    /// <summary>Access units, packet headers not included.</summary>
    public long PayloadBytes => _payloadBytes.Value;

    /// <summary>The picture will not be coded in time, and a newer one waits.</summary>
    public EncodeOutcome SkipForTime()
    {
        shaping.Skipped();
        _skippedForTime.Add();
        return EncodeOutcome.SkippedForTime;
    }

    /// <exception cref="InvalidOperationException">The encoder refused the picture: the wiring is wrong.</exception>
    public EncodeOutcome Encode(VideoFrame picture, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(picture);
        double kbps = rate.Kbps;
        sender.TargetKbps = kbps;
        double resentShare = Math.Min(1 - LeastShareOfNewFrames, sender.RetransmissionKbps(now) / kbps);
        EncodeOutcome decided = shaping.Decide(picture, resentShare, sender.QueueTime, now);
        references.FrameInterval = shaping.FrameInterval;
        if (decided != EncodeOutcome.Coded)
        {
            (decided == EncodeOutcome.SkippedForQueue ? _skippedForQueue : _leftOut).Add();
            return decided;
        }

        while (true)
        {
            // A new size begins with a key frame, which the encoder keeps in slot 0.
            ReferenceChoice choice = shaping.NeedsKeyFrame ? ReferenceChoice.KeyFrame with { MarkSlot = 0 } : references.Next(now);
            if (budget.Plan(choice, now) is not { } request)
            {
                shaping.Skipped();
                _skippedForBudget.Add();
                return EncodeOutcome.SkippedForBudget;
            }

            bool discardable = (choice.IsDiscardable && !shaping.IsHalfRate) || (shaping.MayBeDiscardable && choice == ReferenceChoice.Ordinary);
            EncodeStatus status = encoder.Encode(shaping.Scaled(picture), request with { Discardable = discardable }, Coded);
            if (status == EncodeStatus.Ok)
            {
                Account(choice, now);
                return EncodeOutcome.Coded;
            }

            if (status != EncodeStatus.NoSuchReference || choice.FromSlot is not { } slot)
            {
                throw new InvalidOperationException($"The encoder refused a {picture.Width}x{picture.Height} picture ({status}).");
            }

            references.SlotRefused(slot);  // each slot at most once: then comes another, or a key frame
        }
    }

    private void Account(in ReferenceChoice choice, TimeSpan now)
    {
        budget.Commit(Coded);
        references.FrameCoded(Coded, now + sender.TimeToSend(Coded.Payload.Length), now);
        shaping.Coded(Coded.Discardable);
        _encoded.Add();
        _payloadBytes.Add(Coded.Payload.Length);
        CodedIsRepair = Coded.Type == FrameType.Recovery && !choice.IsRoutine;
        bool routine = Coded.Type == FrameType.Recovery && choice.IsRoutine;
        if (Coded.Type != FrameType.Inter && !routine)
        {
            sender.Supersede(Coded.FrameId);
        }

        Counter? kind = Coded.Type == FrameType.Intra ? _keyFrames : routine ? _routine : Coded.Type == FrameType.Recovery ? _repairs : null;
        kind?.Add();
    }
}
