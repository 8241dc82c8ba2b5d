using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;
using static MlvcRtc.UnitTests.Rtp.Recovery.PolicyRun;

namespace MlvcRtc.UnitTests.Rtp.Recovery;

/// <summary>Key frames that nobody asked for, and ordinary frames that nobody depends on.</summary>
public sealed class RefreshTests
{
    private static readonly ReferencePolicyOptions Every60 = Unrenewed with { RefreshPeriod = 60 };

    [Fact]
    public void A_quiet_link_gets_a_key_frame_every_300_frames() =>
        Assert.Equal([0, 300, 600], KeyFrames(new PolicyRun(AsInACall).CodeConfirmed(700)));

    [Fact]
    public void A_break_puts_it_off_until_two_seconds_were_quiet()
    {
        PolicyRun run = new PolicyRun(Every60).CodeConfirmed(50);
        run.Say(best: 44, received: 49, broken: true);
        run.CodeConfirmed(70);
        Assert.Equal(2, KeyFrames(run).Count);
        Assert.InRange(KeyFrames(run)[1], 110, 111);   // 60 frames are 2 s but for the rounding
    }

    [Fact]
    public void Acknowledged_reference_mode_does_without() =>
        Assert.Equal([0], KeyFrames(new PolicyRun(Every60 with { AcknowledgedReferences = AcknowledgedReferenceUse.Always }).CodeConfirmed(300)));

    [Fact]
    public void While_nothing_is_heard_there_is_none_and_two_seconds_after_the_link_is_back_there_is()
    {
        PolicyRun run = new PolicyRun(Every60).CodeConfirmed(30).Code(200);
        Assert.Equal([0], KeyFrames(run));
        run.Say(best: 24, received: run.Last.Id);
        run.CodeConfirmed(59);
        Assert.Equal([0], KeyFrames(run));
        run.CodeConfirmed(3);
        Assert.Equal(2, KeyFrames(run).Count);
    }

    [Theory]
    [InlineData(RecoveryTools.None)]
    [InlineData(RecoveryTools.KeyFrame)]
    [InlineData(RecoveryTools.Retransmission)]
    [InlineData(RecoveryTools.References)]
    [InlineData(RecoveryTools.KeyFrame | RecoveryTools.References)]
    [InlineData(RecoveryTools.Retransmission | RecoveryTools.References)]
    public void Where_a_lost_packet_of_it_could_not_be_mended_there_is_none(RecoveryTools tools) =>
        Assert.Equal([0], KeyFrames(new PolicyRun(Every60 with { Tools = tools }).CodeConfirmed(200)));

    [Fact]
    public void Zero_means_never() => Assert.Equal([0], KeyFrames(new PolicyRun(Unrenewed).CodeConfirmed(1000)));

    [Fact]
    public void A_key_frame_that_was_asked_for_counts()
    {
        PolicyRun run = new PolicyRun(Every60).CodeConfirmed(40);
        run.Policy.KeyFrameRequested(run.Now);
        run.CodeConfirmed(100);
        Assert.Equal([0, 40, 100], KeyFrames(run));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Of_two_ordinary_frames_the_second_is_discardable_unless_it_is_kept(int markAlignment)
    {
        PolicyRun run = new PolicyRun(AsInACall with { MarkAlignment = markAlignment }).CodeConfirmed(100);
        Assert.All(run.Frames, frame => Assert.Equal(
            frame.Id % 2 != 0 && frame.Choice.Type == FrameType.Inter && frame.Choice.MarkSlot is null, frame.Choice.IsDiscardable));
        Assert.InRange(run.Frames.Count(frame => frame.Choice.IsDiscardable), 25, 50);
    }

    [Fact]
    public void Nothing_is_discardable_in_acknowledged_reference_mode_nor_without_references_nor_with_one_layer()
    {
        PolicyRun always = new PolicyRun(AsInACall with { AcknowledgedReferences = AcknowledgedReferenceUse.Always }).CodeConfirmed(100);
        Assert.DoesNotContain(always.Frames.Skip(8), frame => frame.Choice.IsDiscardable);
        PolicyRun without = new PolicyRun(AsInACall with { Tools = RecoveryTools.KeyFrame | RecoveryTools.Retransmission }).Code(100);
        Assert.DoesNotContain(without.Frames, frame => frame.Choice.IsDiscardable);
        PolicyRun single = new PolicyRun(AsInACall with { TwoLayers = false }).CodeConfirmed(100);
        Assert.DoesNotContain(single.Frames, frame => frame.Choice.IsDiscardable);
    }

    private static List<int> KeyFrames(PolicyRun run) => [.. run.Frames.Where(frame => frame.Choice.Type == FrameType.Intra).Select(frame => (int)frame.Id)];
}
