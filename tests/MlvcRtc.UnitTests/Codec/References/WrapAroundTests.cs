using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec.References;

/// <summary>Calls run for hours without an IDR: 16-bit indices pass 65535.</summary>
public sealed class WrapAroundTests
{
    [Theory]
    [InlineData(65533)]
    [InlineData(65534)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(131071)]
    public void Marks_and_recovery_work_around_the_end_of_the_index_space(long markAt)
    {
        GopRun run = new(GopOptions.ForCall());
        run.RunTo(markAt - 1);
        FrameDecision marked = run.Next(new(MarkSlot: 2));
        Assert.Equal(((int)(markAt % 65536), 2), (marked.FrameIndex, marked.MarkedSlot));
        Assert.Equal(marked.FrameIndex, marked.LtrTable[2]);
        FrameDecision[] between = run.Run(5);
        FrameDecision recovery = run.Next(new(RecoverFromSlot: 2));

        Assert.All(between, frame => Assert.Equal((FrameType.Inter, (frame.FrameIndex + 65535) % 65536), (frame.Type, frame.ReferenceIndex)));
        Assert.Equal((FrameType.Recovery, marked.FrameIndex, (int)((markAt + 6) % 65536)), (recovery.Type, recovery.ReferenceIndex, recovery.FrameIndex));
    }

    [Fact]
    public void A_slot_is_usable_for_32767_frames_and_then_leaves_the_table()
    {
        GopRun run = new(GopOptions.ForCall());
        FrameDecision last = run.RunTo(32766);
        Assert.Equal("0", last.LtrTable.ToString());

        Assert.Equal((FrameType.Recovery, 0), (run.Preview(new(RecoverFromSlot: 0)).Type, run.Preview(new(RecoverFromSlot: 0)).ReferenceIndex));
        Assert.Equal("0", run.Next().LtrTable.ToString()); // 32767

        FrameDecision late = run.Next(new(RecoverFromSlot: 0)); // 32768
        Assert.Equal(("P←32767", true, 0), (GopRun.Describe(late), late.HintIgnored, late.LtrTable.Count));
    }

    [Theory]
    [InlineData(0, 65535, 1, false)]
    [InlineData(10, 65530, 16, false)]
    [InlineData(32767, 0, 32767, false)]
    [InlineData(32768, 0, 32768, true)]
    [InlineData(0, 1, 65535, true)]
    [InlineData(5, 5, 0, false)]
    public void Ages_count_modulo_65536(int current, int older, int age, bool stale)
    {
        FrameIndexSpace space = new(16);

        Assert.Equal((age, stale), (space.Age(current, older), space.IsStale(current, older)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(8)]
    [InlineData(31)]
    public void Where_indices_do_not_wrap_nothing_is_stale(int bits) => Assert.False(new FrameIndexSpace(bits).IsStale(0, 1));

    /// <summary>Encoder and decoder keep the same states, so every reference is held, whatever is asked and however many frames of layer 1 are dropped.</summary>
    [Fact]
    public void Over_140000_random_frames_every_reference_is_held_on_both_sides()
    {
        Random random = new(23);
        FrameIndexSpace space = new(16);
        GopStructure gop = new(GopOptions.ForCall());
        List<HeldFrame> encoder = [];
        List<HeldFrame> decoder = [];
        int recoveries = 0;
        for (int i = 0; i < 140_000; i++)
        {
            if (random.Next(500) == 0)
            {
                gop.Configure(GopOptions.ForCall(random.Next(1, 3)));
            }

            GopRequest request = new(
                random.Next(40_000) == 0,
                random.Next(50) == 0 ? random.Next(8) : null,
                random.Next(20) == 0 ? random.Next(8) : null);
            Assert.True(gop.Decide(request, out FrameDecision decision) == GopStatus.Ok);
            gop.Commit(decision);
            recoveries += decision.Type == FrameType.Recovery ? 1 : 0;
            FrameHeader header = decision.ToHeader(30);
            Receive(encoder, header, space);
            if (decision.TemporalId == 0 || random.Next(2) == 0)
            {
                Receive(decoder, header, space);
            }
        }

        Assert.InRange(recoveries, 1_000, 140_000);
    }

    private static void Receive(List<HeldFrame> held, in FrameHeader header, FrameIndexSpace space)
    {
        int reference = header.ReferenceIndex;
        Assert.True(header.IsIdr || held.Exists(frame => frame.FrameIndex == reference && frame.TemporalId == 0));
        uint keep = ReferencePruning.Keep(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(held), header, space);
        for (int i = held.Count - 1; i >= 0; i--)
        {
            if ((keep >> i & 1) == 0)
            {
                held.RemoveAt(i);
            }
        }

        held.Add(new(header.FrameIndex, header.TemporalId));
        Assert.True(held.Count <= LtrTable.Capacity + 2);
    }

    [Fact]
    public void Deciding_allocates_nothing()
    {
        GopStructure gop = new(GopOptions.ForCall(2));
        for (int i = 0; i < 3; i++)
        {
            gop.Decide(new(MarkSlot: 1), out FrameDecision decision);
            gop.Commit(decision);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            gop.Decide(new(RecoverFromSlot: i % 50 == 0 ? 1 : null, MarkSlot: i % 8), out FrameDecision decision);
            gop.Commit(decision);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
