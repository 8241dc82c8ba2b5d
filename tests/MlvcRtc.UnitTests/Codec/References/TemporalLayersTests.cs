using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.References;

public sealed class TemporalLayersTests
{
    private static readonly GopOptions Two = new(0, 2, LtrMode.Internal, 0, 0, 0, 0, 10);

    [Fact]
    public void With_two_layers_every_second_frame_is_never_referred_to()
    {
        GopRun run = new(Two);

        Assert.Equal(
            ["I 0 0", "P←0 1 1", "P←0 0 1", "P←2 1 2", "P←2 0 2", "P←4 1 3"],
            run.Run(6).Select(frame => $"{GopRun.Describe(frame)} {frame.TemporalId} {frame.ChainLength}"));
    }

    [Fact]
    public void A_frame_may_be_made_discardable_by_request_and_the_next_refers_past_it()
    {
        GopRun run = new(GopOptions.ForCall());
        GopRequest discardable = new(Discardable: true);
        FrameDecision[] frames =
        [
            run.Next(), run.Next(discardable), run.Next(), run.Next(discardable), run.Next(discardable), run.Next(),
        ];
        Assert.Equal(["I 0", "P←0 1", "P←0 0", "P←2 1", "P←2 1", "P←2 0"], frames.Select(frame => $"{GopRun.Describe(frame)} {frame.TemporalId}"));

        // A mark waits for the base layer; key and recovery frames are never discardable.
        Assert.Null(run.Next(discardable with { MarkSlot = 3 }).MarkedSlot);
        Assert.Equal(3, run.Next().MarkedSlot);
        FrameDecision recovery = run.Next(discardable with { RecoverFromSlot = 3 });
        Assert.Equal(("R←7", 0), (GopRun.Describe(recovery), recovery.TemporalId));
        FrameDecision key = run.Next(discardable with { KeyFrame = true });
        Assert.Equal(("I", 0), (GopRun.Describe(key), key.TemporalId));
    }

    [Fact]
    public void Switching_from_one_layer_to_two_and_back_needs_no_idr()
    {
        GopRun run = new(Two with { TemporalLayers = 1 });
        run.RunTo(2);
        run.Gop.Configure(Two);
        Assert.Equal(["P←2 0", "P←3 1", "P←3 0", "P←5 1"], run.Run(4).Select(frame => $"{GopRun.Describe(frame)} {frame.TemporalId}"));
        run.Gop.Configure(Two with { TemporalLayers = 1 });

        // Frame 6 was of layer 1.
        Assert.Equal(["P←5 0", "P←7 0"], run.Run(2).Select(frame => $"{GopRun.Describe(frame)} {frame.TemporalId}"));
    }

    [Fact]
    public void From_two_layers_to_one_after_frame_3_frame_4_refers_to_2()
    {
        GopRun run = new(Two);
        run.RunTo(3);
        run.Gop.Configure(Two with { TemporalLayers = 1 });

        Assert.Equal("P←2", GopRun.Describe(run.Next()));
    }

    [Fact]
    public void A_decision_made_before_a_change_of_layers_no_longer_fits()
    {
        GopRun run = new(Two);
        run.RunTo(3);
        FrameDecision stale = run.Preview();
        run.Gop.Configure(Two with { TemporalLayers = 1 });

        Assert.Throws<InvalidOperationException>(() => run.Gop.Commit(stale));
        Assert.Throws<InvalidOperationException>(() => run.Gop.Commit(default));
    }

    [Fact]
    public void Any_other_change_makes_an_idr()
    {
        GopRun run = new(Two);
        run.RunTo(3);
        run.Gop.Configure(Two with { IframePeriod = 100 });
        Assert.Equal(FrameType.Intra, run.Next().Type);

        run.RunTo(3);
        run.Gop.Restart();
        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void A_frame_that_failed_leaves_no_trace()
    {
        GopRun run = new(Two);
        run.RunTo(3);
        run.Preview(new(KeyFrame: true));

        Assert.Equal("P←2", GopRun.Describe(run.Next()));
    }

    [Theory]
    [InlineData("IframePeriod", -1)]
    [InlineData("TemporalLayers", 0)]
    [InlineData("TemporalLayers", 3)]
    [InlineData("LtrStart", -1)]
    [InlineData("LtrStart", 16)]
    [InlineData("LtrPeriod", -1)]
    [InlineData("LtrPeriod", 0)]
    [InlineData("LtrSlotCount", 9)]
    [InlineData("LtrSlotCount", 1)]
    [InlineData("LtrSlotCount", -1)]
    [InlineData("LtrRecoveryPeriod", -1)]
    [InlineData("FrameIndexBits", 7)]
    [InlineData("FrameIndexBits", 17)]
    public void Options_that_do_not_fit_are_named(string name, int value)
    {
        GopOptions options = GopOptions.ForFile();
        options = name switch
        {
            "IframePeriod" => options with { IframePeriod = value },
            "TemporalLayers" => options with { TemporalLayers = value },
            "LtrStart" => options with { LtrStart = value },
            "LtrPeriod" => options with { LtrPeriod = value },
            "LtrSlotCount" => options with { LtrSlotCount = value },
            "LtrRecoveryPeriod" => options with { LtrRecoveryPeriod = value },
            _ => options with { FrameIndexBits = value },
        };

        Assert.Contains(name, Assert.Throws<ArgumentException>(() => new GopStructure(options)).Message, StringComparison.Ordinal);
    }
}
