using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc;

namespace MlvcRtc.IntegrationTests.WebRtc;

/// <summary>What becomes of packets.</summary>
public abstract partial class PeerContract
{
    [Fact]
    public async Task Video_packets_arrive_as_they_were_sent_in_both_directions()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, static channel => TestPackets.Rtp(channel, 4711, marker: true, timestamp: 0xFFFF_FFF0));
        await ArrivesUnchangedAsync(pair.Answerer, pair.Caller, static channel => TestPackets.Rtp(channel, 815, marker: false, timestamp: 7));
    }

    [Fact]
    public async Task The_transport_wide_number_arrives_under_the_agreed_identifier()
    {
        await using PeerPair pair = await ConnectedPairAsync([Offers.Video(transportSequenceId: 3)], [Offers.Video(transportSequenceId: 9)]);
        byte id = pair.Answerer.Peer.Channels[0].HeaderExtensions[Offers.TransportSequence];
        Assert.Equal(3, id);
        Assert.Equal(id, pair.Caller.Peer.Channels[0].HeaderExtensions[Offers.TransportSequence]);

        byte[] arrived = await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, channel => TestPackets.WithTransportNumber(TestPackets.Rtp(channel, 1), 40_000, id));

        Assert.True(RtpPacket.TryParse(arrived, out RtpPacket packet));
        Assert.True(TransportSequence.TryRead(packet.Extension, out ushort number, id));
        Assert.Equal(40_000, number);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(1200)]
    public async Task Packets_of_every_allowed_size_pass(int sizeBytes)
    {
        await using PeerPair pair = await ConnectedPairAsync();
        await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, channel => TestPackets.Rtp(channel, 1, sizeBytes));
    }

    [Fact]
    public async Task Feedback_of_several_kinds_in_one_datagram_arrives_whole_on_every_channel()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        IReadOnlyList<MediaChannel> channels = pair.Caller.Peer.Channels;
        Arrivals video = new(pair.Caller.Peer, channels[0]);
        Arrivals audio = new(pair.Caller.Peer, channels[1]);
        MediaChannel from = pair.Answerer.Peer.Channels[0];
        byte[] feedback = TestPackets.CompoundFeedback(from.LocalSsrc, channels[0].LocalSsrc);

        from.Link.Send(feedback);

        byte[] arrived = await video.NextAsync(packet => packet.AsSpan().SequenceEqual(feedback));
        await audio.NextAsync(packet => packet.AsSpan().SequenceEqual(feedback));
        Assert.Equal([10, 100, 1000], NackedIn(arrived));
    }

    [Fact]
    public async Task Sequence_numbers_may_wrap_leap_and_carry_repairs_as_new_packets()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        MediaChannel from = pair.Caller.Peer.Channels[0];
        Arrivals arrivals = new(pair.Answerer.Peer, pair.Answerer.Peer.Channels[0]);

        // through the wrap one by one, then twice around by leaps that leave 65535 out
        List<ushort> numbers = [.. Enumerable.Range(65_500, 70).Select(static number => (ushort)number)];
        numbers.AddRange([20_000, 50_000, 65_534, 3, 30_000, 60_000, 10_000, 10_001]);
        foreach (ushort number in numbers)
        {
            from.Link.Send(TestPackets.Rtp(from, number));
            byte[] arrived = await arrivals.NextAsync(TestPackets.IsRtp);
            Assert.Equal(number, TestPackets.NumberOf(arrived));
        }

        byte[] lost = TestPackets.Rtp(from, 65_534, timestamp: 4242);
        byte[] repair = [.. lost];
        RtpPacket.SetSequenceNumber(repair, 10_002);
        from.Link.Send(repair);
        Assert.Equal(repair, await arrivals.NextAsync(TestPackets.IsRtp));
    }

    [Fact]
    public async Task A_number_that_was_sent_before_does_not_break_what_follows()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        MediaChannel from = pair.Caller.Peer.Channels[0];
        Arrivals arrivals = new(pair.Answerer.Peer, pair.Answerer.Peer.Channels[0]);
        foreach (ushort number in (ushort[])[65_534, 65_535, 0, 65_535, 65_535, 1])
        {
            from.Link.Send(TestPackets.Rtp(from, number));
        }

        await arrivals.NextAsync(static packet => TestPackets.IsRtp(packet) && TestPackets.NumberOf(packet) == 1);
    }

    [Fact]
    public async Task Audio_and_video_in_one_bundle_do_not_mix()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        IReadOnlyList<MediaChannel> from = pair.Caller.Peer.Channels, to = pair.Answerer.Peer.Channels;
        Assert.Equal([MediaKind.Video, MediaKind.Audio], to.Select(static channel => channel.Kind));
        Assert.NotEqual(from[0].LocalSsrc, from[1].LocalSsrc);
        Arrivals video = new(pair.Answerer.Peer, to[0]);
        Arrivals audio = new(pair.Answerer.Peer, to[1]);

        for (ushort number = 1; number <= 50; number++)
        {
            from[0].Link.Send(TestPackets.Rtp(from[0], number));
            from[1].Link.Send(TestPackets.Rtp(from[1], number));
        }

        for (ushort number = 1; number <= 50; number++)
        {
            Assert.Equal(TestPackets.Rtp(from[0], number), await video.NextAsync(TestPackets.IsRtp));
            Assert.Equal(TestPackets.Rtp(from[1], number), await audio.NextAsync(TestPackets.IsRtp));
        }

        Assert.DoesNotContain(video.TakeAll(), static arrival => TestPackets.IsRtp(arrival.Packet));
        Assert.DoesNotContain(audio.TakeAll(), static arrival => TestPackets.IsRtp(arrival.Packet));
    }

    [Fact]
    public async Task Nothing_is_sent_or_delivered_before_the_sides_are_connected()
    {
        await using PeerPair pair = Pair();
        await pair.NegotiateAsync();
        MediaChannel caller = pair.Caller.Peer.Channels[0], answerer = pair.Answerer.Peer.Channels[0];
        Arrivals atCaller = new(pair.Caller.Peer, caller), atAnswerer = new(pair.Answerer.Peer, answerer);
        caller.Link.Send(TestPackets.Rtp(caller, 1));
        answerer.Link.Send(TestPackets.Rtp(answerer, 1));

        pair.CarryCandidates();
        await pair.Caller.ReachAsync(PeerState.Connected);
        await pair.Answerer.ReachAsync(PeerState.Connected);
        caller.Link.Send(TestPackets.Rtp(caller, 2));
        answerer.Link.Send(TestPackets.Rtp(answerer, 2));

        Assert.Equal(2, TestPackets.NumberOf(await atAnswerer.NextAsync(TestPackets.IsRtp)));
        Assert.Equal(2, TestPackets.NumberOf(await atCaller.NextAsync(TestPackets.IsRtp)));
        Assert.All(atCaller.TakeAll().Concat(atAnswerer.TakeAll()), static arrival => Assert.Equal(PeerState.Connected, arrival.State));
    }

    [Fact]
    public async Task Statistics_count_what_was_sent_and_received()
    {
        await using PeerPair pair = await ConnectedPairAsync();
        PeerStatistics before = pair.Caller.Peer.GetStatistics(), beforeThere = pair.Answerer.Peer.GetStatistics();
        for (ushort number = 1; number <= 20; number++)
        {
            ushort sent = number;
            await ArrivesUnchangedAsync(pair.Caller, pair.Answerer, channel => TestPackets.Rtp(channel, sent, 500));
        }

        PeerStatistics after = pair.Caller.Peer.GetStatistics(), afterThere = pair.Answerer.Peer.GetStatistics();

        // a peer may send reports of its own: at most one per stream in so short a time
        Assert.InRange(after.PacketsSent - before.PacketsSent, 20, 24);
        Assert.InRange(after.BytesSent - before.BytesSent, 20 * 500, (20 * 600) + 1000);
        Assert.InRange(afterThere.PacketsReceived - beforeThere.PacketsReceived, 20, 24);
        Assert.InRange(afterThere.BytesReceived - beforeThere.BytesReceived, 20 * 500, (20 * 600) + 1000);
        Assert.Equal(0, afterThere.PacketsDiscarded - beforeThere.PacketsDiscarded);
        Assert.True(after.SelectedCandidatePairChanges >= 1);
        Assert.Contains(after.LocalCandidateType, (string[])["host", "prflx"]);
        Assert.Contains(after.RemoteCandidateType, (string[])["host", "prflx"]);
    }

    private static async Task<byte[]> ArrivesUnchangedAsync(PeerSide from, PeerSide to, Func<MediaChannel, byte[]> packet)
    {
        Arrivals arrivals = new(to.Peer, to.Peer.Channels[0]);
        byte[] sent = packet(from.Peer.Channels[0]);
        from.Peer.Channels[0].Link.Send(sent);
        byte[] arrived = await arrivals.NextAsync(TestPackets.IsRtp);
        Assert.Equal(sent, arrived);
        return arrived;
    }

    private static List<ushort> NackedIn(ReadOnlySpan<byte> compound)
    {
        List<ushort> numbers = [];
        RtcpReader reader = new(compound);
        while (reader.TryNext(out RtcpPacket packet))
        {
            if (GenericNack.TryRead(packet, out GenericNack nack))
            {
                foreach (ushort number in nack)
                {
                    numbers.Add(number);
                }
            }
        }

        return numbers;
    }
}
