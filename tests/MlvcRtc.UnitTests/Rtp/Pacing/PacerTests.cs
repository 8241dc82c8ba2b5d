using MlvcRtc.Rtp.Pacing;

namespace MlvcRtc.UnitTests.Rtp.Pacing;

public sealed class PacerTests
{
    [Fact]
    public void An_ordinary_frame_leaves_within_half_a_frame_interval()
    {
        // 1000 kbit/s at 25 frames/s: 5000 bytes a frame, in five packets.
        Pacer pacer = new(1162, targetKbps: 1000);
        Queue(pacer, 5, 1000, TimeSpan.Zero);

        TimeSpan last = Drain(pacer, TimeSpan.FromMilliseconds(40)).Last();

        Assert.True(last <= TimeSpan.FromMilliseconds(20), $"The last packet left after {last.TotalMilliseconds} ms.");
    }

    [Fact]
    public void Packets_leave_evenly_at_two_and_a_half_times_the_target()
    {
        Pacer pacer = new(1162, targetKbps: 800);   // drains 2000 kbit/s: 1000 bytes in 4 ms
        Queue(pacer, 4, 1000, TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromMilliseconds(16), pacer.QueueTime);

        Assert.Equal([0, 4, 8, 12], Drain(pacer, TimeSpan.FromMilliseconds(50)).Select(t => t.TotalMilliseconds));
    }

    [Fact]
    public void A_key_frame_of_ten_times_the_share_holds_the_queue_for_several_frame_intervals()
    {
        Pacer pacer = new(1162, targetKbps: 1000);
        Queue(pacer, 50, 1000, TimeSpan.Zero);   // 50,000 bytes at 2500 kbit/s
        Assert.Equal(160, pacer.QueueTime.TotalMilliseconds);
    }

    [Fact]
    public void A_late_poll_catches_up_by_five_milliseconds_and_no_more()
    {
        Pacer pacer = new(1162, targetKbps: 800);
        Queue(pacer, 10, 1000, TimeSpan.Zero);
        TimeSpan late = TimeSpan.FromMilliseconds(100);
        int burst = 0;
        while (pacer.TryDequeue(late, out _))
        {
            burst++;
        }

        Assert.Equal(2, burst);   // one for 95..99 ms, one for 99..103 ms
    }

    [Fact]
    public void Nothing_leaves_twice_or_out_of_order_when_the_ring_wraps()
    {
        Pacer pacer = new(8, targetKbps: 1_000_000);
        int next = 0, expected = 0;
        TimeSpan now = TimeSpan.Zero;
        for (int round = 0; round < 500; round++)
        {
            for (int i = 0; i < 7; i++)
            {
                BitConverter.TryWriteBytes(pacer.Reserve(), next++);
                pacer.Commit(4, now);
            }

            now += TimeSpan.FromMilliseconds(10);
            while (pacer.TryDequeue(now, out ReadOnlySpan<byte> packet))
            {
                Assert.Equal(expected++, BitConverter.ToInt32(packet));
            }
        }

        Assert.Equal(3500, expected);
    }

    [Fact]
    public void A_full_queue_says_so_before_it_is_too_late()
    {
        Pacer pacer = new(100, targetKbps: 100);
        Queue(pacer, Pacer.Capacity, 100, TimeSpan.Zero);
        Assert.False(pacer.HasRoom(1));
        Assert.Throws<InvalidOperationException>(() => pacer.Reserve().Length);
    }

    private static void Queue(Pacer pacer, int packets, int bytes, TimeSpan now)
    {
        for (int i = 0; i < packets; i++)
        {
            pacer.Reserve();
            pacer.Commit(bytes, now);
        }
    }

    private static List<TimeSpan> Drain(Pacer pacer, TimeSpan until)
    {
        List<TimeSpan> left = [];
        for (TimeSpan now = TimeSpan.Zero; now <= until; now += TimeSpan.FromMilliseconds(0.5))
        {
            while (pacer.TryDequeue(now, out _))
            {
                left.Add(now);
            }
        }

        return left;
    }
}
