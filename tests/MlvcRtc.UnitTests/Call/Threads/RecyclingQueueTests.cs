using MlvcRtc.Call.Threads;

namespace MlvcRtc.UnitTests.Call.Threads;

public sealed class RecyclingQueueTests
{
    [Fact]
    public void A_full_queue_drops_the_oldest_picture_not_the_newest()
    {
        int made = 0;
        using RecyclingQueue<int[]> queue = new(2, () => [made++]);
        bool dropped = false;
        for (int value = 1; value <= 4; value++)
        {
            int[] item = queue.RentOrDropOldest(out dropped);
            item[0] = value;
            queue.Publish(item);
        }

        Assert.True(dropped);
        Assert.Equal([3, 4], new[] { queue.TryTake()![0], queue.TryTake()![0] });
        Assert.Null(queue.TryTake());
        Assert.Equal(2, made);
    }

    [Fact]
    public void A_full_queue_gives_no_room_for_a_packet()
    {
        using RecyclingQueue<int[]> queue = new(1, () => [0]);
        queue.Publish(queue.Rent()!);
        Assert.Null(queue.Rent());
        queue.Return(queue.TryTake()!);
        Assert.NotNull(queue.Rent());
    }

    [Fact]
    public void A_wait_ends_when_stopped()
    {
        using RecyclingQueue<int[]> queue = new(1, () => [0]);
        Assert.Throws<OperationCanceledException>(() => queue.Wait(null, new CancellationToken(canceled: true)));
    }
}
