using MlvcRtc.Media;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp.Reassembly;

/// <summary>What a lost, late or overtaken frame costs.</summary>
public sealed class LostFramesTests
{
    private readonly Arrivals _receiver = new();

    [Fact]
    public void In_acknowledged_reference_mode_a_lost_frame_costs_itself_and_ten_milliseconds()
    {
        AcknowledgedReferenceMode(5);
        _receiver.Frame(6, FrameType.Recovery, reference: 0);   // 5 is lost
        _receiver.At(Arrivals.OnTime(6) + 9);
        Assert.Equal(Enumerable.Range(0, 5), _receiver.Delivered);
        _receiver.At(Arrivals.OnTime(6) + 10);
        Assert.Equal([0, 1, 2, 3, 4, 6], _receiver.Delivered);
        Assert.False(_receiver.Assembler.Broken);
    }

    [Fact]
    public void A_frame_overtaken_by_the_next_is_decoded_if_it_comes_within_the_allowance()
    {
        AcknowledgedReferenceMode(5);
        byte[][] five = _receiver.Send(5, FrameType.Recovery, reference: 0);
        _receiver.Arrive(200, _receiver.Send(6, FrameType.Recovery, reference: 0));
        _receiver.Arrive(209, five);
        Assert.Equal(Enumerable.Range(0, 7), _receiver.Delivered);
    }

    [Fact]
    public void A_marked_frame_repaired_after_a_newer_one_took_its_slot_is_neither_delivered_nor_a_reference()
    {
        AcknowledgedReferenceMode(5);
        byte[][] five = _receiver.Send(5, FrameType.Recovery, reference: 0, slot: 2);
        _receiver.Arrive(200, _receiver.Send(6, FrameType.Recovery, reference: 0, slot: 2));
        _receiver.At(210);
        Assert.Equal(InsertStatus.TooLate, _receiver.Arrive(290, five));

        _receiver.Frame(9, FrameType.Recovery, reference: 5);
        _receiver.At(Arrivals.OnTime(9) + 20);
        Assert.Equal([0, 1, 2, 3, 4, 6], _receiver.Delivered);
        _receiver.Frame(10, FrameType.Recovery, reference: 6);
        _receiver.At(Arrivals.OnTime(10) + 20);
        Assert.Equal([0, 1, 2, 3, 4, 6, 10], _receiver.Delivered);
    }

    [Fact]
    public void A_slot_that_a_lost_frame_was_marked_into_counts_as_empty()
    {
        _receiver.Frame(0, FrameType.Intra, slot: 0);
        _receiver.Frame(1, FrameType.Inter, slot: 1);
        _receiver.Arrive(Arrivals.OnTime(2), _receiver.Send(2, FrameType.Inter, slot: 1, bytes: 1500)[0]);   // its second half is lost
        _receiver.Frame(3, FrameType.Recovery, reference: 0);
        _receiver.At(Arrivals.OnTime(3) + 10);
        Assert.Equal([0, 1, 3], _receiver.Delivered);
        _receiver.Frame(4, FrameType.Recovery, reference: 1);   // the decoder dropped it with frame 3, whose table names frame 2 there
        Assert.Equal([0, 1, 3], _receiver.Delivered);
        Assert.True(_receiver.Assembler.Broken);
    }

    [Theory]
    [InlineData(69, true)]     // captured at 396, missed at 449, believed lost at 454, here again at 474 + 10, to be shown at 396 + 20 + 69 = 485
    [InlineData(67, false)]    // to be shown at 483: nobody waits
    public void A_repair_is_waited_for_only_when_it_can_be_here_before_its_picture_is_shown(int playoutDelayMs, bool waits)
    {
        _receiver.Assembler.RoundTripTime = TimeSpan.FromMilliseconds(20);
        _receiver.Assembler.DeadlineOf = captured => captured + TimeSpan.FromMilliseconds(20 + playoutDelayMs);
        AcknowledgedReferenceMode(12);
        byte[][] lost = _receiver.Send(12, FrameType.Recovery, reference: 0);
        _receiver.Frame(13, FrameType.Recovery, reference: 0);   // 449 ms; the hole is believed 5 ms later
        _receiver.At(454);
        Assert.Equal(waits ? 11 : 13, _receiver.Delivered[^1]);
        _receiver.Arrive(480, lost);
        Assert.Equal(waits ? [11, 12, 13] : [10, 11, 13], _receiver.Delivered[^3..]);
    }

    [Fact]
    public void Nobody_waits_for_a_repair_longer_than_until_its_picture_is_shown()
    {
        _receiver.Assembler.RoundTripTime = TimeSpan.FromMilliseconds(20);
        _receiver.Assembler.DeadlineOf = captured => captured + TimeSpan.FromMilliseconds(100);
        AcknowledgedReferenceMode(12);
        _receiver.Frame(13, FrameType.Recovery, reference: 0);
        _receiver.At(454);
        _receiver.At((33 * 12) + 99);
        Assert.Equal(11, _receiver.Delivered[^1]);
        Assert.Equal(TimeSpan.FromMilliseconds((33 * 12) + 100), _receiver.Assembler.NextPoll);
        _receiver.At((33 * 12) + 100);
        Assert.Equal(13, _receiver.Delivered[^1]);
    }

    [Fact]
    public void The_first_recovery_frame_after_a_blackout_is_shown()
    {
        _receiver.Chain(5);
        _receiver.Frame(105, FrameType.Recovery, reference: 0);
        _receiver.At(Arrivals.OnTime(105) + 10);
        Assert.Equal([0, 1, 2, 3, 4, 105], _receiver.Delivered);
    }

    [Fact]
    public void A_frame_that_is_overdue_is_suspected_before_the_next_one_proves_its_loss()
    {
        _receiver.Chain(20);
        _receiver.At(Arrivals.OnTime(20) + 7);
        Assert.False(_receiver.Assembler.Overdue);
        Assert.Equal(TimeSpan.FromMilliseconds(Arrivals.OnTime(20) + 8), _receiver.Assembler.NextPoll);
        _receiver.At(Arrivals.OnTime(20) + 8);
        Assert.True(_receiver.Assembler.Overdue);
        Assert.False(_receiver.Assembler.Broken);

        // The sender may have stopped: nobody complains for ever.
        _receiver.At(Arrivals.OnTime(20) + 108);
        Assert.False(_receiver.Assembler.Overdue);
    }

    [Fact]
    public void A_false_alarm_keeps_the_watchman_quiet_and_frames_that_nobody_depends_on_do_not_wake_him()
    {
        _receiver.Chain(20);
        _receiver.At(Arrivals.OnTime(20) + 8);
        _receiver.Arrive(Arrivals.OnTime(20) + 12, _receiver.Send(20, FrameType.Inter));
        _receiver.At(Arrivals.OnTime(21) + 20);
        Assert.False(_receiver.Assembler.Overdue);

        Arrivals other = new();
        other.Frame(0, FrameType.Intra, slot: 0);
        for (int id = 1; id < 20; id++)
        {
            other.Frame(id, FrameType.Recovery, reference: 0);
        }

        other.At(Arrivals.OnTime(20) + 20);
        Assert.False(other.Assembler.Overdue);
    }

    [Fact]
    public void The_time_that_a_loss_cost_counts_from_when_the_lost_frame_would_have_come()
    {
        AcknowledgedReferenceMode(12);
        _receiver.Arrive(Arrivals.OnTime(13), _receiver.Send(13, FrameType.Recovery, reference: 0));   // believed 10 ms later
        Assert.Null(_receiver.Assembler.RecoveredAfter);
        EncodedFrame taken = new();
        TimeSpan now = TimeSpan.FromMilliseconds(Arrivals.OnTime(13) + 10);
        _receiver.Assembler.Poll(now);
        Assert.True(_receiver.Assembler.TryTake(taken, now));
        Assert.Equal(33 + 10, _receiver.Assembler.RecoveredAfter!.Value.TotalMilliseconds, tolerance: 0.1);
    }

    /// <summary>A key frame, and frames that all refer to it.</summary>
    private void AcknowledgedReferenceMode(int frames)
    {
        _receiver.Frame(0, FrameType.Intra, slot: 0);
        for (int id = 1; id < frames; id++)
        {
            _receiver.Frame(id, FrameType.Recovery, reference: 0);
        }
    }
}
