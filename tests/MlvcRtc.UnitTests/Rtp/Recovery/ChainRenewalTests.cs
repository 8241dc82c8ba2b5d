using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;
using static MlvcRtc.UnitTests.Rtp.Recovery.PolicyRun;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

/// <summary>Every 32 frames from root to root; frames 0 and 8 are the first roots.</summary>
public sealed class ChainRenewalTests
{
    private static readonly ReferencePolicyOptions Renewing = AsInACall with { RefreshPeriod = 0 };

    [Fact]
    public void Every_32_frames_one_is_predicted_from_the_newest_confirmed_root_and_becomes_the_next()
    {
        PolicyRun run = new PolicyRun(Renewing).CodeConfirmed(110);
        Assert.Equal([(40, 8), (72, 40), (104, 72)], Renewals(run));
        Assert.Subset(run.Marked.ToHashSet(), new HashSet<ushort> { 0, 8, 40, 72, 104 });
        Assert.All(run.Frames.Where(frame => frame.Id % 32 != 8 && frame.Id > 0), frame => Assert.Equal(FrameType.Inter, frame.Choice.Type));
    }

    [Fact]
    public void In_acknowledged_reference_mode_chains_are_renewed_at_the_same_pace()
    {
        PolicyRun run = new PolicyRun(Renewing with { AcknowledgedReferences = AcknowledgedReferenceUse.Always }).CodeConfirmed(110);
        Assert.Equal([(40, 8), (72, 40), (104, 72)], Renewals(run));

        // Until the renewal is confirmed, three frames later, the old branch serves; then only the new one.
        Assert.All(run.Frames.Where(frame => frame.Id is >= 44 and < 72), frame => Assert.InRange((int)frame.Reference!, 40, 71));
    }

    [Theory]
    [InlineData(80, 8)]     // 80 + 100 ms are 5.4 frames: to the next eighth
    [InlineData(300, 16)]   // 12 frames
    public void A_renewal_that_is_not_confirmed_within_a_round_trip_is_made_again_from_the_same_root(int rttMs, int frames)
    {
        PolicyRun run = new(Renewing);
        run.Policy.RoundTripTime = Ms(rttMs);
        run.CodeConfirmed(40).Code(3 * frames);
        Assert.Equal([(40, 8), (40 + frames, 8), (40 + (2 * frames), 8)], Renewals(run));

        // The third arrived.
        int root = 40 + (2 * frames);
        run.Say(best: root, received: run.Last.Id);
        while (run.NextId <= root + 32)
        {
            run.CodeConfirmed(1);
        }

        Assert.Equal((root + 32, root), Renewals(run)[^1]);
        Assert.Equal(4, Renewals(run).Count);
    }

    [Fact]
    public void When_the_word_on_a_renewal_is_lost_that_on_a_frame_after_it_will_do()
    {
        PolicyRun run = new PolicyRun(Renewing).CodeConfirmed(40).Code(5);   // to frame 44, which is marked
        run.Say(best: 44);
        run.CodeConfirmed(50);
        Assert.Equal([(40, 8), (72, 40)], Renewals(run));
    }

    [Theory]
    [InlineData(true, false, 40)]
    [InlineData(true, true, 40)]
    [InlineData(false, true, 44)]   // the renewal itself was never confirmed: the old branch is all there is
    public void After_a_confirmed_renewal_frames_of_the_old_branch_are_passed_over_however_new_they_are(bool renewalConfirmed, bool oldBranchLast, int reference)
    {
        PolicyRun run = new PolicyRun(Renewing).CodeConfirmed(40).Code(1);   // frame 40 renews the chain
        run.Say(best: 36, received: 40, broken: true);
        run.Code(4);                                                         // frame 41 repairs from 36; 44 is marked
        Assert.Equal([(40, 8), (41, 36)], Renewals(run));
        foreach (ushort confirmed in oldBranchLast ? new ushort[] { 40, 44 } : [44, 40])
        {
            if (confirmed != 40 || renewalConfirmed)
            {
                run.Policy.ReferenceConfirmed(confirmed);
            }
        }

        run.Policy.FrameUnsent();
        run.Code();
        Assert.Equal((FrameType.Recovery, (ushort?)reference), (run.Last.Choice.Type, run.Last.Reference));
    }

    [Theory]
    [InlineData(RecoveryTools.KeyFrame)]
    [InlineData(RecoveryTools.KeyFrame | RecoveryTools.Retransmission)]
    public void Without_references_among_the_tools_roots_count_as_kept_without_a_word(RecoveryTools tools)
    {
        PolicyRun run = new PolicyRun(Renewing with { Tools = tools }).Code(110);
        Assert.Equal([(40, 8), (72, 40), (104, 72)], Renewals(run));
        Assert.Equal([0, 8, 40, 72, 104], run.Marked.Select(id => (int)id));
    }

    [Fact]
    public void A_root_survives_any_number_of_marks()
    {
        PolicyRun run = new PolicyRun(Renewing with { RenewalPeriod = 1024 }).CodeConfirmed(1040);
        Assert.Equal([(1032, 8)], Renewals(run));
    }

    [Fact]
    public void A_key_frame_begins_anew()
    {
        PolicyRun run = new PolicyRun(Renewing).CodeConfirmed(30);
        run.Policy.KeyFrameRequested(run.Now);
        run.CodeConfirmed(50);                                               // the key frame is frame 30
        Assert.Equal([(70, 38)], Renewals(run));
    }

    [Fact]
    public void A_repair_goes_before_a_renewal_which_follows_eight_frames_later()
    {
        PolicyRun run = new PolicyRun(Renewing).CodeConfirmed(40);
        run.Say(best: 36, received: 39, broken: true);
        run.CodeConfirmed(10);
        Assert.Equal([(40, 36), (48, 8)], Renewals(run));
    }

    [Fact]
    public void Who_keeps_a_frame_keeps_the_marked_frames_that_it_was_predicted_from_step_by_step()
    {
        PolicyRun run = new PolicyRun(Unrenewed).Code(14);   // marked: 0, 4, 8, 12
        run.Say(best: 4, received: 13);
        Assert.Equal([0, 4], Confirmed(run));
        run.Say(best: 12, received: 13);
        Assert.Equal([0, 4, 8, 12], Confirmed(run));
    }

    [Fact]
    public void But_not_those_that_a_repair_leapt_over()
    {
        PolicyRun run = new PolicyRun(Unrenewed).Code(14);
        run.Say(best: 4, received: 13, broken: true);
        run.Code(8);                                         // frame 14 repairs from 4; 16 and 20 are marked
        run.Say(best: 20);
        Assert.Equal([0, 4, 16, 20], Confirmed(run));
    }

    private static List<(int Frame, int Root)> Renewals(PolicyRun run) =>
        [.. run.Frames.Where(frame => frame.Choice.Type == FrameType.Recovery && !frame.Choice.IsRoutine).Select(frame => ((int)frame.Id, (int)frame.Reference!.Value))];

    private static IEnumerable<int> Confirmed(PolicyRun run) =>
        Enumerable.Range(0, 8).Where(run.Policy.References.IsAcknowledged).Select(slot => (int)run.Policy.References.FrameIn(slot)!.Value).Order();
}
