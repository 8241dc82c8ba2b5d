using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;
using static MlvcRtc.UnitTests.Rtp.Recovery.PolicyRun;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

public sealed class ReferencePolicyTests
{
    [Fact]
    public void A_stream_begins_with_a_key_frame_goes_on_with_ordinary_frames_and_keeps_one_about_every_100_ms()
    {
        PolicyRun run = new PolicyRun().Code(31);

        Assert.Equal(FrameType.Intra, run.Frames[0].Choice.Type);
        Assert.All(run.Frames.Skip(1), frame => Assert.Equal(FrameType.Inter, frame.Choice.Type));

        // 100 ms are three frames; marks fall on even ones: every fourth.
        Assert.Equal([0, 4, 8, 12, 16, 20, 24, 28], run.Marked.Select(id => (int)id));
    }

    [Theory]
    [InlineData(80, 8, 4)]    // ceil((80 + 66.7) · 0.03 / 6) = 1, so 100 ms count: 3, to the next even: 4
    [InlineData(500, 8, 4)]   // ceil(17 / 6) = 3
    [InlineData(1000, 8, 6)]  // ceil(32 / 6) = 6
    [InlineData(500, 4, 10)]  // ceil(17 / 2) = 9
    public void The_longer_the_round_trip_and_the_fewer_the_slots_the_rarer_the_marks(int rttMs, int slots, int frames)
    {
        MarkSchedule schedule = new(slots, alignment: 2);
        Assert.Equal(frames, schedule.Interval(Ms(rttMs), Interval, isLossy: false));
    }

    [Fact]
    public void A_broken_picture_is_mended_from_the_newest_frame_that_the_receiver_confirmed()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Say(best: 16, received: 19, broken: true);

        ReferenceChoice repair = run.Code();
        Assert.Equal((FrameType.Recovery, (ushort?)16, false), (repair.Type, run.Last.Reference, repair.IsRoutine));
        Assert.Equal(FrameType.Inter, run.Code().Type);
    }

    [Fact]
    public void Reports_made_before_the_repair_could_arrive_are_not_answered_again()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Say(best: 16, received: 19, broken: true);
        ushort repair = run.NextId;
        run.Code();

        // 33 and 67 ms after the repair left: within 80 + 20.
        run.Say(best: 16, received: 20, broken: true);
        Assert.Equal(FrameType.Inter, run.Code().Type);
        run.Say(best: 16, received: repair - 1, broken: true);
        Assert.Equal(FrameType.Inter, run.Code().Type);
    }

    [Fact]
    public void When_the_repair_is_lost_too_there_is_another_once_its_round_trip_is_over()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Say(best: 16, received: 19, broken: true);
        run.Code(4);  // the repair at 0 ms and three behind it, to 133 ms
        run.Say(best: 16, received: 21, broken: true);

        Assert.Equal(FrameType.Recovery, run.Code().Type);
        Assert.Equal((ushort?)16, run.Last.Reference);
    }

    [Fact]
    public void A_report_that_names_a_frame_behind_the_repair_is_a_new_loss()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Say(best: 16, received: 19, broken: true);
        run.Code(2);
        run.Say(best: 16, received: run.Last.Id, broken: true);
        Assert.Equal(FrameType.Recovery, run.Code().Type);
    }

    [Fact]
    public void A_confirmation_of_a_frame_whose_slot_was_used_anew_means_nothing()
    {
        PolicyRun run = new PolicyRun().Code(60);  // marks every 4 frames, none confirmed: the slots were all used twice
        Assert.True(run.Say(best: 4, received: 40));
        Assert.Null(run.Policy.References.NewestAcknowledged);

        // Neither does one of a frame that was never marked.
        Assert.True(run.Say(best: 55, received: 56));
        Assert.Null(run.Policy.References.NewestAcknowledged);
    }

    [Fact]
    public void A_receiver_that_names_an_older_frame_has_lost_the_newer_ones_even_if_the_old_one_is_gone_here()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(10);
        run.Policy.ReferenceConfirmed(8);  // never decoded: a lie, or a receiver that started anew since
        run.Code(60);
        run.Say(best: 3, received: 69, broken: true);
        Assert.Null(run.Policy.References.NewestAcknowledged);
        Assert.Equal(FrameType.Intra, run.Code().Type);
    }

    [Fact]
    public void The_newest_confirmed_reference_survives_any_number_of_unconfirmed_marks()
    {
        PolicyRun run = new PolicyRun().Code(10);
        run.Say(best: 8, received: 9);
        run.Code(300);
        run.Say(best: 8, received: 9, broken: true);
        run.Code();
        Assert.Equal((FrameType.Recovery, (ushort?)8), (run.Last.Choice.Type, run.Last.Reference));
    }

    [Theory]
    [InlineData(499, false)]
    [InlineData(501, true)]
    public void A_receiver_with_nothing_gets_one_key_frame_in_500_ms(int afterMs, bool granted)
    {
        PolicyRun run = new PolicyRun().Code(1);
        run.Now = Ms(afterMs);
        run.Say(needsIntra: true, broken: true);
        Assert.Equal(granted ? FrameType.Intra : FrameType.Inter, run.Code().Type);
    }

    [Fact]
    public void Without_a_confirmed_reference_a_break_is_answered_by_a_key_frame()
    {
        PolicyRun run = new PolicyRun().Code(20);
        run.Say(received: 18, broken: true);
        Assert.Equal(FrameType.Intra, run.Code().Type);
    }

    [Fact]
    public void Without_references_among_the_tools_every_request_means_a_key_frame_and_only_roots_are_marked()
    {
        PolicyRun run = new(Unrenewed with { Tools = RecoveryTools.KeyFrame | RecoveryTools.Retransmission });
        run.Code(20);
        run.Say(best: 0, received: 18, broken: true);
        Assert.Equal(ReferenceChoice.KeyFrame with { MarkSlot = 0 }, run.Code());
        run.Code(20);
        run.Policy.PictureLost(run.Now);
        Assert.Equal(ReferenceChoice.KeyFrame with { MarkSlot = 0 }, run.Code());

        // Frames 0 and 8 after each key frame: 0, 20 and 41.
        Assert.Equal([0, 8, 20, 28, 41], run.Marked.Select(id => (int)id));
    }

    [Fact]
    public void Without_any_tool_the_first_key_frame_is_the_only_one()
    {
        PolicyRun run = new(Unrenewed with { Tools = RecoveryTools.None });
        run.Code(20);
        run.Say(needsIntra: true, received: 18, broken: true);
        run.Policy.PictureLost(run.Now);
        run.Policy.KeyFrameRequested(run.Now);
        run.Code(20);
        Assert.Single(run.Frames, frame => frame.Choice.Type != FrameType.Inter);
    }

    [Fact]
    public void When_repairs_do_not_help_for_half_a_second_what_the_receiver_does_not_name_counts_no_longer()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        for (int i = 0; i < 45 && run.Code().Type != FrameType.Intra; i++)
        {
            // It never had 16, whose confirmation was forged; what it keeps has left the slots here.
            run.Say(best: 18, received: run.Last.Id - 1, broken: true);
        }

        // 80 + 500 ms are 18 frames; until then repairs come from 16.
        Assert.Equal(FrameType.Intra, run.Last.Choice.Type);
        Assert.InRange(run.Frames.Count - 22, 18, 21);
        Assert.Contains(run.Frames.Skip(22), frame => frame.Reference == 16);
    }

    [Fact]
    public void A_plain_picture_loss_is_mended_like_a_break_and_with_a_key_frame_when_that_did_not_help()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Policy.PictureLost(run.Now);
        Assert.Equal(FrameType.Recovery, run.Code().Type);
        run.Code(6);
        run.Policy.PictureLost(run.Now);
        Assert.Equal(FrameType.Intra, run.Code().Type);
    }

    [Fact]
    public void A_new_viewer_who_asks_by_FIR_gets_a_key_frame_although_references_are_confirmed()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Policy.KeyFrameRequested(run.Now);
        Assert.Equal(FrameType.Intra, run.Code().Type);
        Assert.Null(run.Policy.References.NewestAcknowledged);
    }

    [Fact]
    public void A_frame_that_could_not_be_sent_is_followed_by_a_repair_and_by_a_key_frame_when_nothing_is_confirmed()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Policy.FrameUnsent();
        Assert.Equal(FrameType.Recovery, run.Code().Type);

        PolicyRun young = new PolicyRun().Code(20);
        young.Policy.FrameUnsent();
        Assert.Equal(FrameType.Intra, young.Code().Type);
    }

    [Fact]
    public void When_the_encoder_has_lost_its_slots_it_is_offered_the_others_and_then_a_key_frame()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Policy.FrameUnsent();
        List<int> offered = [];
        while (run.Policy.Next(run.Now) is { FromSlot: { } slot } choice)
        {
            Assert.Equal(FrameType.Recovery, choice.Type);
            offered.Add(slot);
            run.Policy.SlotRefused(slot);
        }

        Assert.Equal(offered.Distinct(), offered);
        Assert.InRange(offered.Count, 1, 8);
        Assert.Equal(FrameType.Intra, run.Policy.Next(run.Now).Type);
    }

    [Fact]
    public void Old_and_repeated_messages_change_nothing()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        Assert.True(run.Say(best: 16, received: 20, count: 100));
        Assert.False(run.Say(best: 16, received: 20, broken: true, count: 100));
        Assert.False(run.Say(needsIntra: true, received: 20, broken: true, count: 99));
        Assert.False(run.Say(needsIntra: true, received: 20, broken: true, count: 228));  // 128 after 100: half the circle has no order
        Assert.Equal(FrameType.Inter, run.Code().Type);
        Assert.True(run.Say(best: 16, received: 20, broken: true, count: 227));
    }

    [Fact]
    public void A_receiver_that_started_anew_and_counts_from_zero_is_heard_after_a_second()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(22);
        run.Say(best: 16, received: 20, count: 100);
        run.Code(31);
        Assert.True(run.Say(needsIntra: true, received: 50, broken: true, count: 0));
        Assert.Equal(FrameType.Intra, run.Code().Type);
    }

    [Theory]
    [InlineData(65_516)]
    [InlineData(65_535)]
    [InlineData(32_760)]
    public void Frame_numbers_may_wrap_at_any_time(int first)
    {
        PolicyRun run = new PolicyRun(firstId: (ushort)first).CodeConfirmed(22);
        ushort reference = (ushort)(first + 16);
        run.Say(best: reference, received: (ushort)(first + 19), broken: true);
        run.Code();
        Assert.Equal((FrameType.Recovery, (ushort?)reference), (run.Last.Choice.Type, run.Last.Reference));
        run.Say(best: reference, received: (ushort)(first + 21), broken: true);
        Assert.Equal(FrameType.Inter, run.Code().Type);
    }
}
