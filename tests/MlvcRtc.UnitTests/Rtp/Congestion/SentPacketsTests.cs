using MlvcRtc.Rtp.Congestion;

namespace MlvcRtc.UnitTests.Rtp.Congestion;

public sealed class SentPacketsTests
{
    private readonly SentPackets _sent = new();

    [Fact]
    public void Feedback_tells_what_became_of_each_packet()
    {
        Send(4);
        PacketResult[] results = Resolve(FeedbackOf.Arrivals(0, 100, null, 120));
        Assert.Equal([0, 1, 2], results.Select(result => result.Number));
        Assert.Equal([100.0, null, 120.0], results.Select(result => result.Arrival?.TotalMilliseconds));
        Assert.Equal([0.0, 10.0, 20.0], results.Select(result => result.Sent.TotalMilliseconds));
        Assert.All(results, result => Assert.Equal((1000, 7, false), (result.SizeBytes, result.ProbeCluster, result.ThoughtLost)));
        Assert.Equal(TimeSpan.FromMilliseconds(20), _sent.NewestReportedSent);
    }

    [Fact]
    public void A_packet_counts_once_however_often_it_is_reported()
    {
        Send(2);
        Assert.Equal(2, Resolve(FeedbackOf.Arrivals(0, 100, null)).Length);
        Assert.Empty(Resolve(FeedbackOf.Arrivals(0, 100, null)));

        PacketResult late = Assert.Single(Resolve(FeedbackOf.Arrivals(0, 100, 130)));
        Assert.Equal((1, 130.0, true), (late.Number, late.Arrival!.Value.TotalMilliseconds, late.ThoughtLost));
        Assert.Empty(Resolve(FeedbackOf.Arrivals(0, null, null)));   // nobody un-receives a packet
    }

    [Fact]
    public void Packets_that_were_never_sent_are_passed_over()
    {
        Assert.Empty(Resolve(FeedbackOf.Arrivals(0, 100)));
        Send(3);
        Assert.Equal([2], Resolve(FeedbackOf.Arrivals(2, 100, 101, 102)).Select(result => result.Number));
        Assert.Empty(Resolve(FeedbackOf.Arrivals(30_000, 100)));
        Assert.Empty(Resolve(FeedbackOf.Arrivals(-5, 100)));
        Assert.Null(_sent.NewestReportedSent);
    }

    [Fact]
    public void Packets_too_old_to_remember_are_passed_over()
    {
        Send(SentPackets.Capacity + 10);
        Assert.Equal([10, 11], Resolve(FeedbackOf.Arrivals(8, 1, 2, 3, 4)).Select(result => result.Number));
    }

    [Fact]
    public void Numbers_go_on_where_sixteen_bits_end()
    {
        Send(65_534);
        Assert.Equal([65_533L], Resolve(FeedbackOf.Arrivals(65_533, 100)).Select(result => result.Number));
        Send(4);
        Assert.Equal([65_534L, 65_535, 65_536, 65_537], Resolve(FeedbackOf.Arrivals(65_534, 101, 102, 103, 104)).Select(result => result.Number));
    }

    [Fact]
    public void Arrivals_go_on_where_the_reference_time_ends()
    {
        const double WrapMs = 64.0 * (1 << 24);
        Send(3);
        double before = Resolve(FeedbackOf.Arrivals(0, WrapMs - 10))[0].Arrival!.Value.TotalMilliseconds;
        double after = Resolve(FeedbackOf.Arrivals(1, WrapMs + 90))[0].Arrival!.Value.TotalMilliseconds;
        double back = Resolve(FeedbackOf.Arrivals(2, WrapMs - 5))[0].Arrival!.Value.TotalMilliseconds;
        Assert.Equal((100, 5), (after - before, back - before));
    }

    private void Send(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            _sent.Add(1000, TimeSpan.FromMilliseconds(10 * i), probeCluster: 7);
        }
    }

    private PacketResult[] Resolve(byte[] feedback) => _sent.Resolve(FeedbackOf.Read(feedback)).ToArray();
}
