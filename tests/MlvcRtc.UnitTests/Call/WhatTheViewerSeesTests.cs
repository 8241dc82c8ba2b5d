using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Call;

/// <summary>The whole way from capture to screen, over a simulated network under virtual time.</summary>
public sealed class WhatTheViewerSeesTests
{
    private static readonly LinkConditions Plain = new() { Delay = TimeSpan.FromMilliseconds(40) };

    [Fact]
    public void On_a_perfect_network_every_picture_is_shown_in_order_and_soon()
    {
        TestCall call = new TestCall().RunUntil(10);

        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
        Assert.True(call.Viewer.Shown.Count >= call.Call.Sending.FramesEncoded - 4);  // 4 · 33 ms in flight
        Assert.All(call.Viewer.Sizes, size => Assert.Equal((640, 360), size));
        Assert.Equal(1, call.Call.Received.KeyFramesDecoded);
        Assert.Equal(0, call.Call.Received.KeyFrameRequests);

        // 8 ms encode + 40 ms delay + 6 ms decode, and at most half a frame interval to spread the packets.
        Assert.InRange(call.Call.Received.LatencyP50.TotalMilliseconds, 53, 72);
    }

    [Fact]
    public void On_a_perfect_network_renewals_and_a_key_frame_every_ten_seconds_are_not_noticed()
    {
        TestCall call = new TestCall { Renews = true }.RunUntil(20);

        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
        Assert.Equal(2, call.Call.Received.KeyFramesDecoded);   // frames 0 and 300, of about 597
        Assert.Equal(0, call.Call.Received.KeyFrameRequests);
        Assert.Equal(0, call.Call.Received.FreezeCount);
        Assert.Equal(0, call.Call.Received.FramesFailed + call.Call.Received.FramesNotDecodable);

        // Frames 40, 72, ... 296 after each key frame: nine, the last of the second just before the end.
        Assert.InRange(call.Call.Sending.RepairFrames, 17, 18);
    }

    [Fact]
    public void When_packets_40_to_42_are_lost_the_picture_stops_for_a_third_of_a_second_and_comes_back_whole()
    {
        TestCall call = new TestCall { Tools = RecoveryTools.KeyFrame, Forward = Plain with { Loss = new ListedLoss(40, 41, 42) } }.RunUntil(10);

        int firstLost = call.FrameOfPacket(40);
        List<int> shown = [.. call.Viewer.ShownIds];
        Assert.Equal(Enumerable.Range(0, firstLost), shown.TakeWhile(id => id < firstLost));
        PresentedFrame back = call.Viewer.Shown.First(frame => frame.FrameId > firstLost);
        Assert.Equal(FrameType.Intra, back.Type);
        Assert.Equal(Enumerable.Range(back.FrameId, shown.Count - firstLost), shown.Skip(firstLost));
        Assert.True(shown[^1] >= call.Call.Sending.FramesEncoded - 5);

        ReceiveStatistics seen = call.Call.Received;
        Assert.Equal(1, seen.Recoveries);
        Assert.Equal(3, seen.PacketsLost);
        Assert.Equal(0, seen.FramesFailed + seen.FramesNotDecodable);

        // Up to two frames until the hole shows (66) + round trip (80) + next capture (33) + a key frame of ten shares at 2.5 times the rate (133) + 14 for the codec.
        Assert.True(call.Viewer.LongestGap < TimeSpan.FromMilliseconds(66 + 80 + 33 + 133 + 14 + 33), $"{call.Viewer.LongestGap.TotalMilliseconds} ms");
    }

    [Fact]
    public void When_the_network_reorders_ten_packets_at_a_time_no_picture_is_missing()
    {
        TestCall call = new TestCall { Forward = Plain with { Jitter = TimeSpan.FromMilliseconds(30), Reorders = true } }.RunUntil(10);

        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
        Assert.True(call.Viewer.Shown.Count >= call.Call.Sending.FramesEncoded - 5);
        Assert.Equal(0, call.Call.Received.FramesLost);
    }

    [Fact]
    public void When_every_tenth_packet_comes_twice_nobody_notices()
    {
        TestCall call = new TestCall { Forward = Plain with { DuplicatePercent = 10 } }.RunUntil(10);
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
        Assert.Equal(0, call.Call.Received.KeyFrameRequests);
        Assert.Equal(0, call.Call.Received.PacketsLost);
    }

    [Fact]
    public void When_the_target_is_halved_the_bytes_halve_and_the_picture_goes_on()
    {
        TestCall call = new TestCall { Target = new(400) }.RunUntil(10);
        long first = call.Call.BytesSent;
        call.Target.Kbps = 200;
        call.RunUntil(20);

        Assert.InRange((call.Call.BytesSent - first) / (double)first, 0.45, 0.58);  // headers do not shrink
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
        Assert.Equal(0, call.Call.Received.FreezeCount);
    }

    [Fact]
    public void When_the_network_halves_its_rate_the_picture_stands_until_the_target_follows_and_is_back_within_a_second()
    {
        TestCall call = new TestCall { Tools = RecoveryTools.KeyFrame, Target = new(400), Forward = Plain with { RateKbps = 600 } }.RunUntil(5);
        Assert.Equal(0, call.Call.Received.FreezeCount);
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);

        call.Call.Link.ConditionsAToB = Plain with { RateKbps = 300 };
        call.RunUntil(8);
        Assert.True(call.Call.Link.CountsAToB.Overflowed > 0);
        Assert.True(call.Viewer.LongestGap > TimeSpan.FromSeconds(0.2) || call.Viewer.Shown[^1].PresentedAt < TimeSpan.FromSeconds(7.8));

        // The sender learns the truth: by hand here, by congestion control later.
        call.Target.Kbps = 180;
        call.RunUntil(9);
        int shown = call.Viewer.Shown.Count;
        int freezes = call.Call.Received.FreezeCount;
        call.RunUntil(13);
        Assert.InRange(call.Viewer.Shown.Count - shown, 115, 125);  // 4 s · 30 frames/s
        Assert.Equal(freezes, call.Call.Received.FreezeCount);
    }

    [Fact]
    public void After_a_second_without_network_the_picture_comes_back_within_half_a_second()
    {
        TestCall call = new TestCall().RunUntil(3);
        call.Call.Link.ConditionsAToB = Plain with { Loss = new BernoulliLoss(100) };
        call.Call.Link.ConditionsBToA = Plain with { Loss = new BernoulliLoss(100) };
        call.RunUntil(4);
        call.Call.Link.ConditionsAToB = Plain;
        call.Call.Link.ConditionsBToA = Plain;
        call.RunUntil(4.5);

        Assert.True(call.Viewer.Shown[^1].PresentedAt > TimeSpan.FromSeconds(4.4));
        Assert.Equal(1, call.Call.Received.FreezeCount);
        Assert.InRange(call.Call.Received.FreezeTotal.TotalSeconds, 1.0, 1.5);
    }

    [Fact]
    public void When_requests_are_lost_too_they_are_repeated_until_a_key_frame_comes()
    {
        TestCall call = new TestCall
        {
            Tools = RecoveryTools.KeyFrame,
            Forward = Plain with { Loss = new ListedLoss(40) },
            Backward = Plain with { Loss = new ListedLoss(0, 1) },
        }.RunUntil(10);

        // The third request is the first to arrive; its answer needs up to 80 + 33 + 8 ms, so a fourth may go out meanwhile.
        Assert.InRange(call.Call.Received.KeyFrameRequests, 3, 4);
        Assert.Equal(1, call.Call.Received.Recoveries);
        Assert.InRange(call.Call.Received.FreezeLongest.TotalMilliseconds, 300, 700);  // two lost requests cost 100 ms each
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void At_two_percent_loss_and_80_ms_round_trip_four_of_five_frames_are_shown(int seed, bool renews)
    {
        LinkConditions lossy = Plain with { Loss = new BernoulliLoss(2) };
        TestCall call = new TestCall { Forward = lossy, Backward = lossy, Target = new(200), Seed = seed, Renews = renews }.RunUntil(60);

        ReceiveStatistics seen = call.Call.Received;
        double ratio = (double)seen.FramesDecoded / call.Call.Sending.FramesEncoded;
        TestContext.Current.TestOutputHelper!.WriteLine($"{ratio:P1} of {call.Call.Sending.FramesEncoded} frames, {seen.Recoveries} recoveries, {seen.KeyFrameRequests} requests, {seen.FreezeCount} freezes, p95 {seen.LatencyP95.TotalMilliseconds:0} ms");
        Assert.True(ratio >= 0.8, $"{ratio:P1} of {call.Call.Sending.FramesEncoded} frames, {seen.Recoveries} recoveries, {seen.KeyFrameRequests} requests");
        Assert.True(call.Viewer.Shown[^1].PresentedAt > TimeSpan.FromSeconds(59));
        Assert.Equal(0, seen.FramesFailed);
    }

    [Fact]
    public void The_same_seed_gives_the_same_call_and_another_seed_another()
    {
        LinkConditions lossy = Plain with { Loss = new BernoulliLoss(3), Jitter = TimeSpan.FromMilliseconds(10) };
        List<PresentedFrame>[] runs = [.. new[] { 7, 7, 8 }.Select(seed =>
            new TestCall { Forward = lossy, Backward = lossy, Seed = seed }.RunUntil(20).Viewer.Shown)];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
    }
}
