using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>A frame that is too large, of a model whose graph says which cells may have symbols.</summary>
public sealed class ConditionalReplenishmentTests
{
    private const int Width = 128, Height = 80, Block = 16, Columns = Width / Block, Cells = Columns * Height / Block;

    [Fact]
    public void The_cells_that_differ_most_are_coded_first_and_the_others_in_the_frames_that_follow()
    {
        using Call call = new(bundle: FakeModel.Moving((Width, Height)));
        using Call free = new(bundle: FakeModel.Moving((Width, Height)));
        foreach (Call side in (Call[])[call, free])
        {
            Assert.Equal(DecodeStatus.Ok, side.Decode(side.Encode(Steps(0))));
        }

        int bound = 8 * free.Encode(Steps(1)).Payload.Length * 8 / 10;
        List<int> changed = [];
        while (changed.LastOrDefault() < Cells)
        {
            EncodedFrame coded = call.Encode(Steps(1), new EncodeRequest(Call.Qp, MostBits: bound));

            Assert.Equal(Call.Qp, coded.Qp);  // fewer cells, none of them coarser
            Assert.InRange(coded.Payload.Length * 8, 1, bound);
            Assert.Equal(DecodeStatus.Ok, call.Decode(coded));
            if (changed.Count == 0)
            {
                int last = Enumerable.Range(0, Cells).Last(cell => Level(call.Shown, cell) == Level(Steps(0), cell));
                Assert.All(Enumerable.Range(0, last), cell => Assert.Equal(Level(Steps(0), cell), Level(call.Shown, cell)));
            }

            changed.Add(Enumerable.Range(0, Cells).Count(cell => Level(call.Shown, cell) == Level(Steps(1), cell)));
            Assert.InRange(changed.Count, 1, 10);
        }

        Assert.True(changed[0] is > 0 and < Cells, "some at once, not all");
        Assert.Equal(changed.Order(), changed);
    }

    [Fact]
    public void A_frame_that_fits_has_all_its_cells_again()
    {
        using Call call = new(bundle: FakeModel.Moving((Width, Height)));
        call.Encode(Steps(0));
        EncodedFrame limited = call.Encode(Steps(1), new EncodeRequest(Call.Qp, MostBits: 1));
        Assert.True(limited.Qp < Call.Qp);  // not a single cell fits: coarser, as a last resort

        call.Encode(Steps(0), new EncodeRequest(Call.Qp, KeyFrame: true));
        Assert.Equal(DecodeStatus.Ok, call.Decode(call.Encode(Steps(2), new EncodeRequest(Call.Qp, KeyFrame: true))));
        Assert.All(Enumerable.Range(0, Cells), cell => Assert.Equal(Level(Steps(2), cell), Level(call.Shown, cell)));
    }

    [Fact]
    public void Choosing_cells_allocates_nothing_per_frame()
    {
        using Call call = new(bundle: FakeModel.Moving((Width, Height)));
        VideoFrame[] pictures = [Steps(0), Steps(1), Steps(2), Steps(3)];
        EncodedFrame coded = new();
        long allocated = 0;
        for (int time = 0; time < 48; time++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            call.Encoder.Encode(pictures[time % pictures.Length], new EncodeRequest(Call.Qp, MostBits: 400), coded);
            allocated += time < 24 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    /// <summary>Flat cells, each a little brighter than the one before it.</summary>
    private static VideoFrame Steps(int step)
    {
        VideoFrame picture = new(Width, Height);
        for (int k = 0; k < picture.Y.Length; k++)
        {
            picture.Y[k] = (byte)(60 + (step * (1 + (k / Width / Block * Columns) + (k % Width / Block))));
        }

        picture.U.Fill(128);
        picture.V.Fill(128);
        return picture;
    }

    private static byte Level(VideoFrame picture, int cell) => picture.Y[(((cell / Columns * Block) + (Block / 2)) * Width) + (cell % Columns * Block) + (Block / 2)];
}
