using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.UnitTests.Rtp;
using MlvcRtc.UnitTests.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Call.Sending;

public sealed class PacedSenderTests
{
    private readonly RecordingLink _link = new();

    [Fact]
    public void Without_congestion_control_packets_carry_no_number()
    {
        PacedSender sender = new(_link, new RtpStreamSettings(1), 300);
        sender.TryQueue(PacketTrain.Frame(0, FrameType.Intra, 500), TimeSpan.Zero);
        sender.SendDue(TimeSpan.FromSeconds(1));
        Assert.Equal([(0, null, false)], _link.Packets);
        Assert.Null(sender.NextSend);
    }

    [Fact]
    public void Every_packet_gets_its_number_when_it_departs_and_probes_follow_the_first_frame()
    {
        TargetRate rate = new(1);
        CongestionControl congestion = new(new CongestionOptions(new RateBounds(StartKbps: 300)), rate);
        PacedSender sender = new(_link, new RtpStreamSettings(1), 300, congestion);
        Assert.Null(sender.NextSend);   // nothing to send, nothing to probe yet
        sender.TryQueue(PacketTrain.Frame(0, FrameType.Intra, 2000), TimeSpan.Zero);
        RunUntil(sender, 0.2);

        // Probes of 900 and 1800 kbit/s, 15 ms each, are 1,687 and 3,375 bytes: the frame's second packet (1,056) and padding of 303.
        Assert.Equal(Enumerable.Range(0, _link.Packets.Count).Select(i => (i, (int?)i)), _link.Packets.Select(packet => (packet.Sequence, packet.Number)));
        Assert.Equal([false, false], _link.Packets.Take(2).Select(packet => packet.IsPadding));
        Assert.All(_link.Packets.Skip(2), packet => Assert.True(packet.IsPadding));
        Assert.Equal(2 + 4 + 12, _link.Packets.Count);
        Assert.Null(sender.NextSend);
    }

    [Fact]
    public void At_a_fixed_rate_packets_are_numbered_but_nothing_is_probed_and_the_rate_stays()
    {
        TargetRate rate = new(123);
        CongestionControl congestion = new(new CongestionOptions(new RateBounds(), FollowsEstimate: false), rate);
        PacedSender sender = new(_link, new RtpStreamSettings(1), 300, congestion);
        sender.TryQueue(PacketTrain.Frame(0, FrameType.Intra, 500), TimeSpan.Zero);
        RunUntil(sender, 0.2);
        congestion.Receive(FeedbackOf.Read(FeedbackOf.Arrivals(0, 1000)), TimeSpan.FromMilliseconds(90));

        Assert.Equal([(0, (int?)0, false)], _link.Packets);
        Assert.Equal(123, rate.Kbps);
        Assert.Equal(90, congestion.RoundTripTime!.Value.TotalMilliseconds);
    }

    [Fact]
    public void The_video_gets_the_estimate_less_what_headers_cost()
    {
        TargetRate rate = new(1);
        CongestionControl congestion = new(new CongestionOptions(new RateBounds(StartKbps: 300)), rate);
        for (int i = 0; i < 1000; i++)
        {
            congestion.Depart(532, TimeSpan.FromMilliseconds(10 * i), probeCluster: 0);   // 560 with IP and UDP
        }

        congestion.Receive(FeedbackOf.Read(FeedbackOf.Arrivals(999, 20_000)), TimeSpan.FromSeconds(10.05));

        // 28 IP and UDP + 12 RTP + 8 extension + 8 descriptor = 56 of 560 bytes.
        Assert.Equal(0.9 * congestion.EstimateKbps, rate.Kbps, 3);
    }

    private static void RunUntil(PacedSender sender, double seconds)
    {
        for (double ms = 0; ms < 1000 * seconds; ms += 0.25)
        {
            sender.SendDue(TimeSpan.FromMilliseconds(ms));
        }
    }

    private sealed class RecordingLink : IPacketLink
    {
        public event PacketArrived? Arrived
        {
            add => throw new NotSupportedException();
            remove => throw new NotSupportedException();
        }

        public List<(int Sequence, int? Number, bool IsPadding)> Packets { get; } = [];

        public void Send(ReadOnlySpan<byte> packet)
        {
            Assert.True(RtpPacket.TryParse(packet, out RtpPacket parsed));
            int? number = TransportSequence.TryRead(parsed.Extension, out ushort read) ? read : null;
            Packets.Add((parsed.SequenceNumber, number, parsed.Payload.IsEmpty));
        }
    }
}
