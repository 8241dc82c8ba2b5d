using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;
using static MlvcRtc.UnitTests.Rtp.Recovery.PolicyRun;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

public sealed class AcknowledgedReferenceModeTests
{
    private static readonly ReferencePolicyOptions Always = Unrenewed with { AcknowledgedReferences = AcknowledgedReferenceUse.Always };

    [Fact]
    public void Every_frame_is_predicted_from_the_newest_confirmed_one_as_an_ordinary_frame_and_every_second_is_kept()
    {
        PolicyRun run = new PolicyRun(Always).CodeConfirmed(60);

        // Confirmed when the third frame after it was coded: frame n (even) serves frames n + 4 and n + 5.
        Assert.All(run.Frames.Skip(8), frame =>
        {
            Assert.Equal((FrameType.Recovery, true), (frame.Choice.Type, frame.Choice.IsRoutine));
            Assert.Equal(((frame.Id - 4) & ~1, frame.Id % 2 == 0), ((int)frame.Reference!.Value, frame.Choice.MarkSlot is not null));
        });
    }

    [Theory]
    [InlineData(80, 8, 2)]    // ceil((80 / 33.3 + 2) / 6) = 1, to the next even
    [InlineData(300, 8, 2)]   // ceil(11 / 6) = 2
    [InlineData(500, 8, 4)]   // ceil(17 / 6) = 3
    [InlineData(80, 4, 4)]    // ceil(4.4 / 2) = 3
    public void Every_kth_frame_is_marked_so_that_a_slot_is_used_anew_only_after_its_confirmation_had_time_to_come(int rttMs, int slots, int k) =>
        Assert.Equal(k, new MarkSchedule(slots, alignment: 2).Interval(Ms(rttMs), Interval, isLossy: true));

    [Fact]
    public void A_lost_frame_costs_itself_and_nothing_after_it()
    {
        PolicyRun run = new PolicyRun(Always).CodeConfirmed(30);
        HashSet<ushort> held = [.. run.Frames.Take(26).Select(frame => frame.Id)];
        for (int i = 0; i < 40; i++)
        {
            run.Code();
            bool lost = i % 5 == 0;
            if (!lost)
            {
                Assert.Contains(run.Last.Reference!.Value, held);
                held.Add(run.Last.Id);
            }

            // The receiver's word arrives three frames later.
            ushort? confirmed = run.Frames.SkipLast(3).Where(frame => frame.Choice.MarkSlot is not null && held.Contains(frame.Id)).Select(frame => (ushort?)frame.Id).Last();
            run.Say(best: confirmed, received: run.Last.Id - 3);
        }
    }

    [Fact]
    public void Three_breaks_within_five_seconds_enter_the_mode_two_do_not()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(30);
        for (int breaks = 1; breaks <= 3; breaks++)
        {
            Assert.False(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
            Break(run);
            run.CodeConfirmed(20);
        }

        Assert.True(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
        Assert.True(run.Code().IsRoutine);
    }

    [Theory]
    [InlineData(RecoveryTools.KeyFrame | RecoveryTools.References, 80, 2, true)]   // from 1.5 %
    [InlineData(RecoveryTools.KeyFrame | RecoveryTools.References, 80, 1, false)]
    [InlineData(RecoveryTools.All, 80, 12, true)]                                  // retransmission mends most: from 10 %
    [InlineData(RecoveryTools.All, 80, 8, false)]
    [InlineData(RecoveryTools.All, 149, 2, false)]
    [InlineData(RecoveryTools.All, 150, 2, true)]                                  // it comes too late to be of use
    public void One_break_suffices_on_a_link_that_is_known_to_lose_more_than_is_repaired_in_time(RecoveryTools tools, int rttMs, int lossPercent, bool enters)
    {
        PolicyRun run = new(Unrenewed with { Tools = tools });
        run.Policy.RoundTripTime = Ms(rttMs);
        run.CodeConfirmed(30);
        for (int i = 0; i < 50; i++)
        {
            run.Policy.LossMeasured(lossPercent / 100.0, run.Now);
            run.CodeConfirmed(3);
        }

        Assert.False(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
        Break(run);
        Assert.Equal(enters, run.Policy.IsInAcknowledgedReferenceMode(run.Now));
    }

    [Fact]
    public void A_link_that_loses_much_from_its_first_second_on_is_known_to_after_that_second()
    {
        PolicyRun run = new PolicyRun(Unrenewed with { Tools = RecoveryTools.All }).CodeConfirmed(20);
        foreach (double loss in new[] { 0.05, 0.20, 0.20, 0.20 })   // mean 0.16, 5 % being chance
        {
            run.Policy.LossMeasured(loss, run.Now);
            run.CodeConfirmed(6);
        }

        Break(run);
        Assert.True(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
    }

    [Fact]
    public void A_bad_moment_on_a_link_that_was_good_for_long_enters_nothing()
    {
        PolicyRun run = new PolicyRun(Unrenewed with { Tools = RecoveryTools.All }).CodeConfirmed(30);
        for (int i = 0; i < 150; i++)
        {
            run.Policy.LossMeasured(i < 145 ? 0 : 0.2, run.Now);   // one second out of thirty
            run.CodeConfirmed(6);
        }

        Break(run);
        Assert.False(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
    }

    [Theory]
    [InlineData(RecoveryTools.KeyFrame | RecoveryTools.References, 5, 11.5)]   // 5 % falls to 0.5 % in 5 s · ln 10
    [InlineData(RecoveryTools.All, 40, 9.5)]                                  // 40 % falls to 6 % in 5 s · ln 6.67
    public void The_mode_ends_when_the_link_has_stopped_losing(RecoveryTools tools, int lossPercent, double expectedSeconds)
    {
        PolicyRun run = new PolicyRun(Unrenewed with { Tools = tools }).CodeConfirmed(30);
        for (int i = 0; i < 50; i++)
        {
            run.Policy.LossMeasured(lossPercent / 100.0, run.Now);
            run.CodeConfirmed(3);
        }

        Break(run);
        Assert.True(run.Policy.IsInAcknowledgedReferenceMode(run.Now));
        double seconds = 0;
        while (run.Policy.IsInAcknowledgedReferenceMode(run.Now))
        {
            run.Policy.LossMeasured(0, run.Now);
            run.CodeConfirmed(3);
            seconds += 0.1;
        }

        Assert.Equal(expectedSeconds, seconds, 0.15);
        Assert.Equal(FrameType.Inter, run.Code().Type);
    }

    [Fact]
    public void Without_any_measure_of_loss_the_mode_is_left_on_trial_and_for_longer_when_that_was_too_early()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(30);
        Assert.InRange(SecondsInMode(run), 9.5, 10.5);
        Assert.InRange(SecondsInMode(run), 19.5, 20.5);
        Assert.InRange(SecondsInMode(run), 39.5, 40.5);
    }

    [Fact]
    public void When_nothing_is_heard_of_new_frames_every_frame_can_be_decoded_without_those_before()
    {
        PolicyRun run = new PolicyRun().CodeConfirmed(30);
        run.Code(90);

        // 80 + 500 ms after the last word, which came with frame 27 or later.
        Assert.All(run.Frames.Skip(30 + 18), frame => Assert.Equal((FrameType.Recovery, true), (frame.Choice.Type, frame.Choice.IsRoutine)));
        Assert.Single(run.Frames.Skip(60).Select(frame => frame.Reference).Distinct());

        // The link is back: one word, and the stream goes on as before.
        run.Say(best: 24, received: run.Last.Id);
        Assert.Equal(FrameType.Inter, run.Code().Type);
    }

    [Fact]
    public void Never_means_never()
    {
        PolicyRun run = new PolicyRun(Always with { AcknowledgedReferences = AcknowledgedReferenceUse.Never }).CodeConfirmed(30);
        run.Code(90);
        Assert.DoesNotContain(run.Frames, frame => frame.Choice.IsRoutine);
    }

    private static void Break(PolicyRun run)
    {
        run.Say(best: run.Policy.References.FrameIn(run.Policy.References.NewestAcknowledged!.Value), received: run.Last.Id, broken: true);
        run.Code();
    }

    private static double SecondsInMode(PolicyRun run)
    {
        while (!run.Policy.IsInAcknowledgedReferenceMode(run.Now))
        {
            Break(run);
            run.CodeConfirmed(6);
        }

        TimeSpan entered = run.Now;
        while (run.Policy.IsInAcknowledgedReferenceMode(run.Now))
        {
            run.CodeConfirmed(1);
        }

        return (run.Now - entered).TotalSeconds;
    }
}
