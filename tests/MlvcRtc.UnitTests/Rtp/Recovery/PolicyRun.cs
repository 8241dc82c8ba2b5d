using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

/// <summary>A policy and a codec that does what it is told, frame by frame at 30 frames/s. An RTT of 80 ms unless said otherwise.</summary>
internal sealed class PolicyRun
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1) / 30;

    /// <summary>As in a call, but for the frames that nobody asks for: renewals and refreshes are not what most tests are about.</summary>
    public static readonly ReferencePolicyOptions Unrenewed = new() { FrameInterval = Interval, RenewalPeriod = 0, RefreshPeriod = 0 };

    /// <summary>As in a call.</summary>
    public static readonly ReferencePolicyOptions AsInACall = new() { FrameInterval = Interval };

    private readonly ushort?[] _slots = new ushort?[8];
    private readonly EncodedFrame _frame = new();
    private byte _count;

    public PolicyRun(ReferencePolicyOptions? options = null, ushort firstId = 0)
    {
        Policy = new ReferencePolicy(options ?? Unrenewed) { RoundTripTime = Ms(80) };
        NextId = firstId;
    }

    public ReferencePolicy Policy { get; }

    public TimeSpan Now { get; set; }

    public ushort NextId { get; private set; }

    /// <summary>Every frame coded: when, what was chosen, its FRAME_ID, and that of its reference if it came from a slot.</summary>
    public List<(TimeSpan Time, ReferenceChoice Choice, ushort Id, ushort? Reference)> Frames { get; } = [];

    public (TimeSpan Time, ReferenceChoice Choice, ushort Id, ushort? Reference) Last => Frames[^1];

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Codes one frame now; the clock then stands at the next.</summary>
    public ReferenceChoice Code()
    {
        ReferenceChoice choice = Policy.Next(Now);
        ushort? reference = choice.FromSlot is { } from ? _slots[from] : null;
        Assert.Equal(choice.Type == FrameType.Recovery, choice.FromSlot is not null);
        _frame.Type = choice.Type;
        _frame.FrameId = NextId;
        _frame.ReferenceId = choice.Type == FrameType.Intra ? NextId : reference ?? (ushort)(NextId - 1);
        _frame.LtrSlot = choice.MarkSlot;
        if (choice.Type == FrameType.Intra)
        {
            Array.Clear(_slots);
            _frame.LtrSlot = 0;  // as the codec does
        }

        if (_frame.LtrSlot is { } mark)
        {
            _slots[mark] = NextId;
        }

        Policy.FrameCoded(_frame, Now, Now);
        Frames.Add((Now, choice, NextId, reference));
        NextId++;
        Now += Interval;
        return choice;
    }

    public PolicyRun Code(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            Code();
        }

        return this;
    }

    /// <summary>Marked frames so far, oldest first.</summary>
    public IEnumerable<ushort> Marked => Frames.Where(frame => frame.Choice.MarkSlot is not null).Select(frame => frame.Id);

    /// <summary>The receiver says something now.</summary>
    public bool Say(int? best = null, int? received = null, bool broken = false, bool needsIntra = false, int? count = null)
    {
        _count = (byte)(count ?? (_count + 1));
        return Policy.Receive(
            new ReferenceFeedback
            {
                BestLtr = (ushort)(best ?? 0),
                HasBestLtr = best is not null,
                LastReceived = (ushort)(received ?? best ?? 0),
                IsBroken = broken,
                NeedsIntra = needsIntra,
                Count = _count,
            },
            Now);
    }

    /// <summary>Codes frames while the receiver gets every one and confirms every mark four frames later.</summary>
    public PolicyRun CodeConfirmed(int frames)
    {
        for (int i = 0; i < frames; i++)
        {
            Code();
            int confirmed = Frames.Count - 4;
            if (confirmed >= 0 && Frames[confirmed].Choice.MarkSlot is not null)
            {
                Say(best: Frames[confirmed].Id);
            }
        }

        return this;
    }
}
