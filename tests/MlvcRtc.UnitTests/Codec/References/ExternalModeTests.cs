using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.References;

/// <summary>Calls: the caller marks and recovers.</summary>
public sealed class ExternalModeTests
{
    [Fact]
    public void An_idr_takes_slot_0_whatever_was_asked_for()
    {
        GopRun run = new(GopOptions.ForCall());
        FrameDecision first = run.Next(new(MarkSlot: 5));
        Assert.Equal((FrameType.Intra, 0, "0"), (first.Type, first.MarkedSlot, first.LtrTable.ToString()));

        run.Next();
        Assert.Equal("0,-,-,-,-,-,-,-", run.Slots());
    }

    [Fact]
    public void Marks_go_where_they_are_sent()
    {
        GopRun run = new(GopOptions.ForCall());
        run.RunTo(2);
        Assert.Equal(4, run.Next(new(MarkSlot: 4)).MarkedSlot);
        Assert.Equal("0,-,-,-,3,-,-,-", run.Slots());
        run.Next(new(MarkSlot: 0));
        run.Next(new(MarkSlot: 4));
        Assert.Equal("4,-,-,-,5,-,-,-", run.Slots());
    }

    [Fact]
    public void A_mark_waits_for_the_base_layer_and_the_last_call_wins()
    {
        GopRun run = new(GopOptions.ForCall(temporalLayers: 2));
        run.RunTo(2);
        FrameDecision enhancement = run.Next(new(MarkSlot: 3));
        Assert.Equal((1, null, "0"), (enhancement.TemporalId, enhancement.MarkedSlot, enhancement.LtrTable.ToString()));

        FrameDecision deferred = run.Next();
        Assert.Equal((0, 3), (deferred.TemporalId, deferred.MarkedSlot));
        Assert.Null(run.Next().MarkedSlot);
        Assert.Null(run.Next().MarkedSlot);

        run.Next(new(MarkSlot: 1));
        Assert.Equal(2, run.Next(new(MarkSlot: 2)).MarkedSlot);
        Assert.Equal("0,-,8,4,-,-,-,-", run.Slots());
    }

    [Fact]
    public void Configuring_drops_a_waiting_mark()
    {
        GopRun run = new(GopOptions.ForCall(temporalLayers: 2));
        run.RunTo(2);
        run.Next(new(MarkSlot: 3));
        run.Gop.Configure(GopOptions.ForCall(temporalLayers: 2));

        Assert.Null(run.Next().MarkedSlot);
    }

    [Fact]
    public void A_key_frame_consumes_a_waiting_mark()
    {
        GopRun run = new(GopOptions.ForCall(temporalLayers: 2));
        run.RunTo(2);
        run.Next(new(MarkSlot: 3));
        run.Next(new(KeyFrame: true));
        run.Run(4);

        Assert.Equal("0,-,-,-,-,-,-,-", run.Slots());
    }

    [Theory]
    [InlineData(true, "0,4,8,-,-,-,-,-")]  // a call: the receiver may hold frame 8 and be about to say so
    [InlineData(false, "0,4,-,-,-,-,-,-")] // libmlvc
    public void Recovery_is_a_base_layer_frame_and_restarts_the_pattern(bool keepsNewerSlots, string slots)
    {
        GopRun run = new(GopOptions.ForCall(temporalLayers: 2) with { KeepsNewerSlots = keepsNewerSlots });
        run.RunTo(3);
        run.Next(new(MarkSlot: 1)); // 4
        run.RunTo(6);
        run.Next(new(MarkSlot: 2)); // asked on 7, of layer 1: lands on 8
        run.RunTo(8);
        FrameDecision recovery = run.Next(new(RecoverFromSlot: 1)); // 9 would have been layer 1

        Assert.Equal(("R←4", 0, 0L, 9), (GopRun.Describe(recovery), recovery.TemporalId, recovery.GopIndex, recovery.FrameIndex));
        Assert.Equal(slots, run.Slots());
        Assert.Equal(["P←9 1", "P←9 0", "P←11 1"], run.Run(3).Select(frame => $"{GopRun.Describe(frame)} {frame.TemporalId}"));
    }

    [Fact]
    public void A_recovery_may_be_marked_into_the_slot_it_came_from()
    {
        GopRun run = new(GopOptions.ForCall());
        run.RunTo(9);
        FrameDecision recovery = run.Next(new(RecoverFromSlot: 0, MarkSlot: 0));

        Assert.Equal(("R←0", "10"), (GopRun.Describe(recovery), recovery.LtrTable.ToString()));
    }

    [Fact]
    public void A_hint_to_an_empty_slot_codes_an_ordinary_frame_and_says_so()
    {
        GopRun run = new(GopOptions.ForCall());
        run.RunTo(3);
        FrameDecision decision = run.Next(new(RecoverFromSlot: 6));

        Assert.Equal(("P←3", true), (GopRun.Describe(decision), decision.HintIgnored));
        Assert.False(run.Next(new(RecoverFromSlot: 0)).HintIgnored);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(int.MaxValue)]
    public void A_slot_the_stream_does_not_have_is_refused_and_changes_nothing(int slot)
    {
        GopRun run = new(GopOptions.ForCall() with { LtrSlotCount = 4 });
        run.RunTo(3);

        Assert.Equal(GopStatus.SlotOutOfRange, run.Gop.Decide(new(RecoverFromSlot: slot), out _));
        Assert.Equal(GopStatus.SlotOutOfRange, run.Gop.Decide(new(MarkSlot: slot), out _));
        Assert.Equal("P←3", GopRun.Describe(run.Next()));
    }

    [Fact]
    public void Chains_may_grow_and_there_is_no_periodic_idr()
    {
        GopRun run = new(GopOptions.ForCall());

        Assert.Equal(3000, run.RunTo(3000).ChainLength);
    }

    [Fact]
    public void The_header_says_what_was_decided()
    {
        GopRun run = new(GopOptions.ForCall(temporalLayers: 2));
        Assert.Equal(new FrameHeader(NaluType.IdrNLp, 0, 30, 0, 0, false, run.Preview().LtrTable), run.Next().ToHeader(30));
        Assert.Equal(new FrameHeader(NaluType.TsaR, 1, 31, 1, 0, false, run.Preview().LtrTable), run.Next().ToHeader(31));
        Assert.Equal(new FrameHeader(NaluType.TrailR, 0, 32, 2, 0, false, run.Preview().LtrTable), run.Next().ToHeader(32));
    }
}
