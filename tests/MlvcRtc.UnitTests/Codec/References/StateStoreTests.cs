using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.References;

namespace MlvcRtc.UnitTests.Codec.References;

public sealed class StateStoreTests
{
    private static readonly TensorSpec Spec = new("feature", ElementType.Float32, [1, 2, 4, 4]);
    private static readonly FrameIndexSpace CallIndices = new(16);

    [Fact]
    public void OnlyTheNewestFrameAndTheTableStay()
    {
        using StateStore store = new(Spec);
        LtrTable table = default;
        Commit(store, 0, table, idr: true);
        table[2] = 1;
        Commit(store, 1, table);
        Commit(store, 2, table);
        Commit(store, 3, table);

        Assert.Equal([-1, 1, -1, 3], Enumerable.Range(0, 4).Select(frame => store.Find(frame) < 0 ? -1 : frame));
    }

    [Fact]
    public void AnIdrForgetsEverythingElse()
    {
        using StateStore store = new(Spec);
        LtrTable table = default;
        table[0] = 7;
        Commit(store, 7, table);
        Commit(store, 8, table);

        LtrTable fresh = default;
        fresh[0] = 0;
        Commit(store, 0, fresh, idr: true);

        Assert.True(store.Find(0) > StateStore.ZeroSlot);
        Assert.Equal((-1, -1), (store.Find(7), store.Find(8)));
    }

    [Fact]
    public void MemoryIsTakenOnlyForStatesInUseAndIsBounded()
    {
        using StateStore store = new(Spec);
        Assert.Equal(2 * 4 * 4 * 4, store.BytesPerSlot);
        LtrTable table = default;
        Commit(store, 0, table, idr: true);
        for (int frame = 1; frame < 100; frame++)
        {
            Commit(store, frame, table);
        }

        // zero state, newest, next
        Assert.Equal(3 * store.BytesPerSlot, store.AllocatedBytes);
        for (int frame = 100; frame < 200; frame++)
        {
            table[frame % 8] = frame;
            Commit(store, frame, table, temporalId: frame % 8);
        }

        Assert.InRange(store.AllocatedBytes, 9L * store.BytesPerSlot, (long)StateStore.MaxSlots * store.BytesPerSlot);
    }

    [Fact]
    public void TheZeroStateIsNeverGivenOutForWriting()
    {
        using StateStore store = new(Spec);
        for (int frame = 0; frame < 50; frame++)
        {
            Assert.NotEqual(StateStore.ZeroSlot, store.FreeSlot());
            Commit(store, frame, default);
        }

        Assert.False(store.TensorOf(StateStore.ZeroSlot).Bytes.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void AnUnknownFrameIsNeverFound()
    {
        using StateStore store = new(Spec);

        Assert.Equal(-1, store.Find(0));
        Assert.Equal(-1, store.Find(-1));
    }

    [Fact]
    public void ASlotThatIsHeldCannotBeCommittedAgain()
    {
        using StateStore store = new(Spec);
        int slot = store.FreeSlot();
        Commit(store, 0, default, idr: true);

        Assert.Throws<ArgumentOutOfRangeException>(() => store.Commit(slot, Header(1, default, false, 0), CallIndices));
    }

    private static void Commit(StateStore store, int frame, LtrTable table, bool idr = false, int temporalId = 0)
    {
        int slot = store.FreeSlot();
        store.TensorOf(slot).As<float>().Fill(frame + 1);
        store.Commit(slot, Header(frame, table, idr, temporalId), CallIndices);
        Assert.Equal(slot, store.Find(frame));
    }

    private static FrameHeader Header(int frame, LtrTable table, bool idr, int temporalId) =>
        new(idr ? NaluType.IdrNLp : NaluType.TrailR, temporalId, 30, frame, 0, false, table);
}
