using MlvcRtc.Rtp.Retransmission;

namespace MlvcRtc.UnitTests.Rtp.Retransmission;

public sealed class PacketHistoryTests
{
    private const int PacketBytes = 1000;
    private const double Kbps = 800;  // 100 packets a second; retransmissions may have 50, saved up to 25

    private static readonly TimeSpan Rtt = Ms(80);

    private readonly PacketHistory _history = new(1162);

    [Fact]
    public void What_was_lost_is_sent_again_byte_for_byte()
    {
        Send(7, frame: 3);
        Assert.Equal(ResendStatus.Queued, Ask(7, atMs: 100));
        Assert.Equal((true, PacketBytes, PacketBytes), (_history.HasQueued, _history.NextLength, _history.QueuedBytes));
        Assert.True(_history.TryTake(8, out ReadOnlySpan<byte> packet));
        Assert.Equal(Bytes(7), packet.ToArray());
        Assert.False(_history.HasQueued);
        Assert.Equal((0, 1), (_history.QueuedBytes, _history.PacketsResent));
    }

    [Fact]
    public void A_packet_goes_out_again_once_per_fifth_of_the_round_trip_by_whatever_number_it_is_asked_for()
    {
        Send(7, frame: 3);
        Ask(7, atMs: 100);
        Assert.Equal(ResendStatus.TooSoon, Ask(7, atMs: 101));   // it has not left yet
        _history.TryTake(8, out _);
        Assert.Equal(ResendStatus.TooSoon, Ask(7, atMs: 115));   // 80 / 5 = 16
        Assert.Equal(ResendStatus.TooSoon, Ask(8, atMs: 115));
        Assert.Equal(ResendStatus.Queued, Ask(8, atMs: 117));    // a receiver repeats itself after a quarter: 20
        Assert.True(_history.TryTake(9, out ReadOnlySpan<byte> packet));
        Assert.Equal(Bytes(7), packet.ToArray());
        Assert.Equal(ResendStatus.TooSoon, Ask(9, atMs: 132));
        Assert.Equal(ResendStatus.Queued, Ask(9, atMs: 134));
    }

    [Fact]
    public void What_is_unknown_or_older_than_a_second_is_refused()
    {
        Send(7, frame: 3);
        Assert.Equal(ResendStatus.Unknown, Ask(6, atMs: 10));
        Assert.Equal(ResendStatus.Unknown, Ask(7 + PacketHistory.Capacity, atMs: 10));
        Assert.Equal(ResendStatus.Unknown, Ask(7, atMs: 1001));
        Send(7 + PacketHistory.Capacity, frame: 9, atMs: 20);
        Assert.Equal(ResendStatus.Unknown, Ask(7, atMs: 30));
    }

    [Fact]
    public void What_nobody_needs_any_more_is_refused()
    {
        Send(1, frame: 65_535);
        Send(2, frame: 0);
        Send(3, frame: 1);
        _history.Sent(Bytes(4), 4, new SentPacket(2, IsDiscardable: true, IsLasting: false), TimeSpan.Zero);
        _history.Supersede(1);  // frame 1 repairs the picture without those before it

        Assert.Equal(ResendStatus.NotNeeded, Ask(1, atMs: 10));
        Assert.Equal(ResendStatus.NotNeeded, Ask(2, atMs: 10));
        Assert.Equal(ResendStatus.Queued, Ask(3, atMs: 10));
        Assert.Equal(ResendStatus.NotNeeded, Ask(4, atMs: 10));
    }

    [Fact]
    public void Packets_of_frames_that_others_depend_on_for_long_go_first()
    {
        Send(1, frame: 1);
        Send(2, frame: 2);
        _history.Sent(Bytes(3), 3, new SentPacket(3, IsDiscardable: false, IsLasting: true), TimeSpan.Zero);
        Ask(1, atMs: 10);
        Ask(2, atMs: 10);
        Ask(3, atMs: 10);

        List<byte[]> order = [];
        ushort number = 4;
        while (_history.TryTake(number++, out ReadOnlySpan<byte> packet))
        {
            order.Add(packet.ToArray());
        }

        Assert.Equal([Bytes(3), Bytes(1), Bytes(2)], order);
    }

    [Fact]
    public void Retransmissions_take_half_of_the_rate_at_most()
    {
        int granted = 0;
        for (int number = 0; number < 1000; number++)
        {
            Send(number, frame: number, atMs: 10 * number);
            granted += Ask(number, atMs: (10 * number) + 1) == ResendStatus.Queued ? 1 : 0;
            _history.TryTake((ushort)(30_000 + number), out _);
        }

        // 10 s · 50 packets and 25 saved up at the start.
        Assert.InRange(granted, 515, 526);
    }

    [Fact]
    public void A_flood_of_requests_queues_64_and_forgets_none_of_the_bytes()
    {
        for (int number = 0; number < 200; number++)
        {
            Send(number, frame: number);
        }

        for (int number = 0; number < 65_536; number++)
        {
            _history.Request((ushort)number, 1e6, Rtt, Ms(10));
        }

        Assert.Equal(PacketHistory.MaxQueued * PacketBytes, _history.QueuedBytes);

        // Packets leave meanwhile and take the places of those that wait: these are dropped, not sent with other bytes.
        for (int number = 200; number < 200 + PacketHistory.Capacity; number++)
        {
            Send(number, frame: number, atMs: 20);
        }

        Assert.Equal((false, 0), (_history.HasQueued, _history.QueuedBytes));
    }

    [Theory]
    [InlineData(65_530)]
    [InlineData(32_760)]
    public void Sequence_numbers_may_wrap(int first)
    {
        for (int i = 0; i < 20; i++)
        {
            Send(first + i, frame: i);
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(ResendStatus.Queued, Ask(first + i, atMs: 10));
            Assert.True(_history.TryTake((ushort)(first + 20 + i), out ReadOnlySpan<byte> packet));
            Assert.Equal(Bytes((ushort)(first + i)), packet.ToArray());
        }
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static byte[] Bytes(int number) => [.. Enumerable.Range(0, PacketBytes).Select(i => (byte)((ushort)number + (i * ((ushort)number + 3))))];

    private void Send(int number, int frame, double atMs = 0) =>
        _history.Sent(Bytes(number), (ushort)number, new SentPacket((ushort)frame, IsDiscardable: false, IsLasting: false), Ms(atMs));

    private ResendStatus Ask(int number, double atMs) => _history.Request((ushort)number, Kbps, Rtt, Ms(atMs));
}
