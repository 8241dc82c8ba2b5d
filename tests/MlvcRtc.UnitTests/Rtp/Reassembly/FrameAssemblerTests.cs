using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.UnitTests.Rtp.Reassembly;

public sealed class FrameAssemblerTests
{
    private readonly FrameAssembler _assembler = new();
    private readonly List<int> _delivered = [];
    private readonly List<int> _lost = [];

    [Theory]
    [InlineData(0)]
    [InlineData(65500)]
    [InlineData(32740)]
    public void Frames_come_out_as_they_went_in_across_every_wrap(int first)
    {
        EncodedFrame[] frames = Stream(first, 100, bytes: 2500);
        EncodedFrame taken = new();
        foreach (byte[] packet in Packets(frames, firstSequence: first))
        {
            Insert(packet);
            while (_assembler.TryTake(taken, TimeSpan.Zero))
            {
                EncodedFrame sent = frames[_delivered.Count];
                Assert.Equal(sent.Payload.ToArray(), taken.Payload.ToArray());
                Assert.Equal((sent.Type, sent.FrameId, sent.ReferenceId), (taken.Type, taken.FrameId, taken.ReferenceId));
                _delivered.Add(taken.FrameId);
            }
        }

        Assert.Equal(100, _delivered.Count);
        Assert.Equal(0, _assembler.BytesInFlight);
    }

    [Fact]
    public void Ten_packets_in_reverse_order_cost_no_frame()
    {
        byte[][] packets = Packets(Stream(0, 40, bytes: 2500));
        packets.AsSpan(40, 10).Reverse();

        Feed(packets);

        Assert.Equal(Enumerable.Range(0, 40), _delivered);
        Assert.Empty(_lost);
        Assert.False(_assembler.Broken);
    }

    [Fact]
    public void A_packet_that_comes_twice_changes_nothing()
    {
        byte[][] packets = Packets(Stream(0, 10, bytes: 2500));
        Insert(packets[0]);
        Assert.Equal(InsertStatus.Duplicate, Insert(packets[0]));
        Feed(packets);
        Assert.Equal(Enumerable.Range(0, 10), _delivered);
        Assert.Equal(InsertStatus.TooLate, Insert(packets[0]));
    }

    [Theory]
    [InlineData(70)]
    [InlineData(500)]
    [InlineData(20_000)]
    public void One_stray_packet_from_far_ahead_does_not_end_the_stream(int ahead)
    {
        byte[][] packets = Packets(Stream(0, 40, bytes: 500));
        Feed(packets[..20]);
        Assert.Equal(InsertStatus.TooFarAhead, Insert(Packets([PacketTrain.Frame(20 + ahead, FrameType.Intra, 500)])[0]));
        Feed(packets[20..]);
        Assert.Equal(Enumerable.Range(0, 40), _delivered);
        Assert.Empty(_lost);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(5000)]
    public void A_sender_that_starts_anew_is_followed_after_three_packets(int frames)
    {
        Feed(Packets(Stream(frames, 5, bytes: 500)));
        _delivered.Clear();
        EncodedFrame[] again = Stream(0, 10, bytes: 500);
        again[4] = PacketTrain.Frame(4, FrameType.Intra, 500);
        Feed(Packets(again));
        Assert.Equal(Enumerable.Range(4, 6), _delivered);
    }

    [Fact]
    public void A_lost_frame_breaks_the_chain_until_a_key_frame_and_is_named()
    {
        EncodedFrame[] frames = Stream(0, 20, bytes: 500);
        frames[12] = PacketTrain.Frame(12, FrameType.Intra, 500);
        byte[][] packets = Packets(frames);   // one packet each

        Feed([.. packets[..5], .. packets[6..12]]);
        Assert.True(_assembler.Broken);
        Assert.Equal(Enumerable.Range(0, 5), _delivered);

        Feed(packets[12..]);
        Assert.False(_assembler.Broken);
        Assert.Equal([0, 1, 2, 3, 4, .. Enumerable.Range(12, 8)], _delivered);
        Assert.Equal(Enumerable.Range(5, 7), _lost);
    }

    [Fact]
    public void A_hole_is_believed_after_two_later_packets()
    {
        byte[][] packets = Packets(Stream(0, 10, bytes: 500));
        Feed([packets[0], packets[2]]);
        Assert.False(_assembler.Broken);
        Feed([packets[3]]);
        Assert.True(_assembler.Broken);
    }

    [Theory]
    [InlineData(20, 5)]     // a quarter of the round trip
    [InlineData(200, 10)]   // never more than 10 ms
    public void A_hole_is_believed_when_time_has_passed(int roundTripMs, int believedAfterMs)
    {
        _assembler.RoundTripTime = TimeSpan.FromMilliseconds(roundTripMs);
        byte[][] packets = Packets(Stream(0, 10, bytes: 500));
        Feed([packets[0], packets[2]]);

        Assert.Equal(TimeSpan.FromMilliseconds(believedAfterMs), _assembler.NextPoll);
        _assembler.Poll(TimeSpan.FromMilliseconds(believedAfterMs - 1));
        Assert.False(_assembler.Broken);
        _assembler.Poll(TimeSpan.FromMilliseconds(believedAfterMs));
        Assert.True(_assembler.Broken);
    }

    [Fact]
    public void A_straggler_mends_the_chain_even_after_the_hole_was_believed()
    {
        byte[][] packets = Packets(Stream(0, 10, bytes: 500));
        Feed([.. packets[..5], .. packets[6..]]);
        Assert.True(_assembler.Broken);
        Feed([packets[5]]);
        Assert.False(_assembler.Broken);
        Assert.Equal(Enumerable.Range(0, 10), _delivered);
    }

    [Fact]
    public void A_lost_frame_that_nobody_needs_breaks_nothing()
    {
        // 0 <- 2 <- 4, and 1, 3 discardable on top.
        EncodedFrame[] frames = Stream(0, 5, bytes: 2500);
        foreach (int id in (int[])[2, 4])
        {
            frames[id] = PacketTrain.Frame(id, FrameType.Inter, 2500, reference: id - 2);
            frames[id - 1].TemporalId = 1;
        }

        byte[][] packets = Packets(frames);   // three packets each
        bool everBroken = false;
        foreach (byte[] packet in (byte[][])[.. packets[..3], .. packets[6..]])
        {
            Feed([packet]);
            everBroken |= _assembler.Broken;
        }

        Assert.False(everBroken);
        Assert.Equal([0, 2, 3, 4], _delivered);
        Assert.Equal([1], _lost);
    }

    [Fact]
    public void A_recovery_frame_from_a_kept_slot_ends_the_break()
    {
        EncodedFrame[] frames = Stream(0, 10, bytes: 500);
        frames[2].LtrSlot = 3;
        frames[8] = PacketTrain.Frame(8, FrameType.Recovery, 500, reference: 2);
        byte[][] packets = Packets(frames);
        Feed([.. packets[..5], .. packets[6..]]);
        Assert.Equal([0, 1, 2, 3, 4, 8, 9], _delivered);
    }

    [Fact]
    public void A_recovery_frame_from_a_slot_that_was_never_kept_is_not_delivered()
    {
        EncodedFrame[] frames = Stream(0, 10, bytes: 500);
        frames[8] = PacketTrain.Frame(8, FrameType.Recovery, 500, reference: 2);
        byte[][] packets = Packets(frames);
        Feed([.. packets[..5], .. packets[6..]]);
        Assert.Equal(Enumerable.Range(0, 5), _delivered);
        Assert.True(_assembler.Broken);
    }

    [Fact]
    public void A_receiver_that_joins_late_waits_for_a_key_frame()
    {
        EncodedFrame[] frames = Stream(0, 12, bytes: 500);
        frames[9] = PacketTrain.Frame(9, FrameType.Intra, 500);
        byte[][] packets = Packets(frames);
        Feed(packets[4..9]);
        Assert.Empty(_delivered);
        Assert.True(_assembler.Broken);
        Feed(packets[9..]);
        Assert.Equal([9, 10, 11], _delivered);
    }

    [Fact]
    public void After_a_long_silence_the_stream_goes_on_at_its_next_key_frame()
    {
        EncodedFrame[] frames = Stream(0, 400, bytes: 500);
        frames[300] = PacketTrain.Frame(300, FrameType.Intra, 500);
        byte[][] packets = Packets(frames);
        Feed([.. packets[..10], .. packets[299..]]);
        Assert.Equal([.. Enumerable.Range(0, 10), .. Enumerable.Range(300, 100)], _delivered);
        Assert.Equal(Enumerable.Range(10, 290), _lost);
    }

    [Fact]
    public void A_sender_that_counts_anew_is_followed()
    {
        Feed(Packets(Stream(20_000, 10, bytes: 500)));
        Feed(Packets(Stream(0, 20, bytes: 500)));           // its first key frame is among the packets that reveal it
        EncodedFrame[] again = Stream(20, 5, bytes: 500);   // the key frame that the break asked for
        Feed(Packets(again));
        Assert.Equal([.. Enumerable.Range(20_000, 10), .. Enumerable.Range(20, 5)], _delivered);
    }

    [Fact]
    public void Contradictions_within_a_frame_are_refused()
    {
        byte[] good = Packets([PacketTrain.Frame(0, FrameType.Intra, 2500)])[0];
        byte[] other = Packets([PacketTrain.Frame(0, FrameType.Intra, 5000)])[1];
        Assert.Equal(InsertStatus.Accepted, Insert(good));
        Assert.Equal(InsertStatus.Inconsistent, Insert(other));
    }

    [Fact]
    public void A_frame_above_the_limit_is_refused_by_its_first_packet()
    {
        FrameAssembler small = new(maxFrameBytes: 2000);
        Assert.True(RtpPacket.TryParse(Packets([PacketTrain.Frame(0, FrameType.Intra, 3000)])[1], out RtpPacket packet));
        Assert.Equal(InsertStatus.FrameTooLarge, small.Insert(packet, TimeSpan.Zero));
        Assert.Equal(0, small.BytesInFlight);
    }

    [Fact]
    public void Half_frames_never_hold_more_memory_than_the_bound()
    {
        // All but the last packet of 200 frames of 250 packets each.
        EncodedFrame[] frames = Stream(0, 200, bytes: 280_000);
        foreach (byte[][] packets in frames.Select(frame => Packets([frame])))
        {
            Feed(packets[..^1]);
            Assert.True(_assembler.BytesInFlight <= 4 * 294_400);
        }

        Assert.Empty(_delivered);
    }

    [Fact]
    public void Steady_state_allocates_nothing()
    {
        Packetizer packetizer = new(new RtpStreamSettings(1));
        EncodedFrame[] frames = Stream(0, 256, bytes: 2500);
        EncodedFrame taken = new();
        byte[] buffer = new byte[Packetizer.MaxPacketBytes];
        int count = 0;
        long before = 0;
        for (int round = 0; round < 3000; round++)
        {
            if (round == 1000)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            EncodedFrame frame = frames[round & 255];
            frame.FrameId = (ushort)round;
            frame.ReferenceId = (ushort)(frame.Type == FrameType.Intra ? round : round - 1);
            int packets = Packetizer.CountPackets(frame);
            for (int i = 0; i < packets; i++)
            {
                int length = packetizer.WritePacket(frame, i, packets, buffer);
                Assert.True(RtpPacket.TryParse(buffer.AsSpan(0, length), out RtpPacket packet));
                _assembler.Insert(packet, TimeSpan.FromMilliseconds(round));
            }

            count += _assembler.TryTake(taken, TimeSpan.FromMilliseconds(round)) ? 1 : 0;
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(3000, count);
        Assert.Equal(0, allocated);
    }

    private static EncodedFrame[] Stream(int first, int count, int bytes) =>
        [.. Enumerable.Range(first, count).Select(id => PacketTrain.Frame(id, id == first ? FrameType.Intra : FrameType.Inter, bytes))];

    private static byte[][] Packets(EncodedFrame[] frames, int firstSequence = 0) =>
        PacketTrain.Packets(new Packetizer(new RtpStreamSettings(1, FirstSequenceNumber: (ushort)firstSequence)), frames);

    private InsertStatus Insert(byte[] bytes)
    {
        Assert.True(RtpPacket.TryParse(bytes, out RtpPacket packet));
        return _assembler.Insert(packet, TimeSpan.Zero);
    }

    private void Feed(byte[][] packets)
    {
        EncodedFrame taken = new();
        foreach (byte[] packet in packets)
        {
            Insert(packet);
            while (_assembler.TryTake(taken, TimeSpan.Zero))
            {
                _delivered.Add(taken.FrameId);
            }

            while (_assembler.TryTakeLost(out LostFrames lost))
            {
                _lost.AddRange(Enumerable.Range(lost.First, lost.Count));
            }
        }
    }
}
