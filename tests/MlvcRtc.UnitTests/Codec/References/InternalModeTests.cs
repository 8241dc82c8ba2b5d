using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.References;

/// <summary>Files: marks and renewals by period. The traces are those of the published design.</summary>
public sealed class InternalModeTests
{
    private static readonly GopOptions Short = new(IframePeriod: 64, TemporalLayers: 1, LtrMode.Internal, LtrStart: 2, LtrPeriod: 4, LtrSlotCount: 4, LtrRecoveryPeriod: 2, FrameIndexBits: 10);

    [Fact]
    public void Trace_A_one_layer_renewed_every_eight_frames()
    {
        (int Frame, string Type, int Chain, string Slots)[] expected =
        [
            (0, "I", 0, "0,-,-,-"), (2, "P←1", 2, "0,2r,-,-"), (6, "P←5", 6, "0,2r,6,-"), (8, "R←2", 3, "0,2r,6,8r"),
            (12, "P←11", 7, "12,2r,6,8r"), (16, "R←8", 4, "12,2r,16r,8r"), (20, "P←19", 8, "12,20,16r,8r"), (24, "R←16", 5, "24r,20,16r,8r"),
            (28, "P←27", 9, "24r,20,16r,28"), (32, "R←24", 6, "24r,32r,16r,28"), (36, "P←35", 10, "24r,32r,36,28"), (40, "R←32", 7, "24r,32r,36,40r"),
            (44, "P←43", 11, "44,32r,36,40r"), (48, "R←40", 8, "44,32r,48r,40r"), (52, "P←51", 12, "44,52,48r,40r"), (56, "R←48", 9, "56r,52,48r,40r"),
            (60, "P←59", 13, "56r,52,48r,60"), (63, "P←62", 16, "56r,52,48r,60"), (64, "I", 0, "0,-,-,-"),
        ];
        GopRun run = new(Short);
        string slots = "";
        for (int frame = 0; frame <= 64; frame++)
        {
            FrameDecision decision = run.Next();
            (int Frame, string Type, int Chain, string Slots) row = expected.FirstOrDefault(candidate => candidate.Frame == frame);
            if (row.Type is null)
            {
                // The trace leaves out frames on which nothing happens.
                Assert.Equal(($"P←{frame - 1}", slots, null), (GopRun.Describe(decision), run.Slots(), decision.MarkedSlot));
                continue;
            }

            Assert.Equal((row.Type, (long)row.Chain, row.Slots), (GopRun.Describe(decision), decision.ChainLength, run.Slots()));
            Assert.InRange(decision.ChainLength, 0, 16);
            slots = row.Slots;
        }
    }

    [Fact]
    public void Trace_B_two_layers_count_base_frames_only()
    {
        GopRun run = new(Short with { TemporalLayers = 2 });
        FrameDecision[] frames = run.Run(57);

        Assert.Equal("16←2 32←16 48←32", Recoveries(frames));
        Assert.Equal([0, 2, 10, 16, 24, 32, 40, 48, 56], Marked(frames));
        Assert.Equal("48r,40,32r,56", run.Slots());
        Assert.Equal(12, frames.Concat(run.Run(7)).Max(frame => frame.ChainLength));
        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void Trace_C_the_official_default_over_a_whole_period()
    {
        GopRun run = new(GopOptions.ForFile());
        List<FrameDecision> frames = [];
        Dictionary<int, string> slots = [];
        for (int frame = 0; frame < 1024; frame++)
        {
            frames.Add(run.Next());
            slots[frame] = run.Slots();
        }

        Assert.Equal([0, 8, 24, 40, 56, 64, 80, 96, 112, 128], Marked(frames).Take(10));
        Assert.Equal(
            "64←8 128←64 192←128 256←192 320←256 384←320 448←384 512←448 576←512 640←576 704←640 768←704 832←768 896←832 960←896",
            Recoveries(frames));
        Assert.Equal("56,8r,64r,40", slots[64]);
        Assert.Equal("128r,8r,64r,112", slots[128]);
        Assert.Equal("128r,176,64r,192r", slots[192]);
        Assert.Equal("128r,256r,240,192r", slots[256]);
        Assert.Equal(86, frames.Max(frame => frame.ChainLength));
        Assert.Equal(86, frames[1023].ChainLength);
        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void A_hint_codes_from_its_slot_and_drops_everything_newer()
    {
        GopRun run = new(Short);
        run.RunTo(6);

        FrameDecision recovery = run.Next(new(RecoverFromSlot: 1));

        // Chain: 0, 1, 2 is the root; then this frame.
        Assert.Equal(("R←2", 3L, 0L), (GopRun.Describe(recovery), recovery.ChainLength, recovery.GopIndex));
        Assert.Equal("0,2r,7,-", run.Slots());
    }

    [Fact]
    public void A_renewal_that_is_due_goes_before_a_hint()
    {
        GopRun run = new(Short);
        run.RunTo(7);

        Assert.Equal("R←2", GopRun.Describe(run.Preview(new(RecoverFromSlot: 2))));
    }

    [Fact]
    public void A_hint_older_than_the_branchs_root_renews_from_an_older_root()
    {
        GopRun run = new(Short);
        run.RunTo(9);
        FrameDecision recovery = run.Next(new(RecoverFromSlot: 2)); // frame 6, while the branch's root is 8

        Assert.Equal("R←2", GopRun.Describe(recovery));
        Assert.Equal("0,2r,6,10r", run.Slots());
    }

    [Fact]
    public void A_hint_older_than_every_root_ends_in_an_idr()
    {
        GopRun run = new(Short);
        run.RunTo(9);

        Assert.Equal(FrameType.Intra, run.Preview(new(RecoverFromSlot: 0)).Type);
    }

    [Fact]
    public void A_branch_that_lost_its_root_runs_into_the_cap_of_16()
    {
        // The hint drops root 2 before the first renewal, so none follows: frame 5 has chain 1, frame 20 chain 16, frame 21 would have 17.
        GopRun run = new(Short);
        run.RunTo(4);
        Assert.Equal("R←0", GopRun.Describe(run.Next(new(RecoverFromSlot: 0))));

        Assert.Equal(16, run.RunTo(20).ChainLength);
        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void A_branch_that_lost_its_root_runs_into_the_cap_of_86()
    {
        GopRun run = new(GopOptions.ForFile());
        run.RunTo(9);
        Assert.Equal("R←0", GopRun.Describe(run.Next(new(RecoverFromSlot: 0)))); // frame 10, chain 1

        Assert.Equal(86, run.RunTo(95).ChainLength);
        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void Hints_without_long_term_references_are_ignored()
    {
        GopRun run = new(Short with { LtrPeriod = 0, LtrRecoveryPeriod = 0 });
        run.RunTo(5);
        FrameDecision decision = run.Next(new(RecoverFromSlot: 3));

        Assert.Equal(("P←5", true, 0), (GopRun.Describe(decision), decision.HintIgnored, decision.LtrTable.Count));
    }

    [Fact]
    public void Mark_requests_are_ignored()
    {
        GopRun run = new(Short);
        run.Next();

        Assert.Null(run.Next(new(MarkSlot: 3)).MarkedSlot);
    }

    [Fact]
    public void Marks_without_renewal_rotate_through_the_slots()
    {
        GopRun run = new(Short with { LtrSlotCount = 2, LtrRecoveryPeriod = 0, LtrPeriod = 16, IframePeriod = 0 });
        run.RunTo(16);
        Assert.Equal("0,16", run.Slots());
        run.RunTo(32);
        Assert.Equal("32,16", run.Slots());
        run.RunTo(48);
        Assert.Equal("32,48", run.Slots());
    }

    [Fact]
    public void The_end_of_the_index_space_forces_an_idr_without_any_period()
    {
        GopRun run = new(Short with { IframePeriod = 0, LtrPeriod = 0, LtrRecoveryPeriod = 0 });
        Assert.Equal(1023, run.RunTo(1023).FrameIndex);

        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    [Fact]
    public void The_period_counts_frame_indices_even_when_a_recovery_restarts_the_pattern()
    {
        GopRun run = new(Short with { IframePeriod = 48, LtrPeriod = 16, LtrRecoveryPeriod = 0, LtrStart = 0 });
        run.RunTo(20);
        Assert.Equal("R←16", GopRun.Describe(run.Next(new(RecoverFromSlot: 1))));
        run.RunTo(47);

        Assert.Equal(FrameType.Intra, run.Next().Type);
    }

    private static string Recoveries(IEnumerable<FrameDecision> frames) =>
        string.Join(' ', frames.Where(frame => frame.Type == FrameType.Recovery).Select(frame => $"{frame.FrameIndex}←{frame.ReferenceIndex}"));

    private static int[] Marked(IEnumerable<FrameDecision> frames) =>
        [.. frames.Where(frame => frame.MarkedSlot is not null).Select(frame => frame.FrameIndex)];
}
