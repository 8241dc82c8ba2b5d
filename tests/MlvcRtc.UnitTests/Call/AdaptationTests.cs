using MlvcRtc.Call.Adaptation;
using MlvcRtc.Lab.Network;

namespace MlvcRtc.UnitTests.Call;

/// <summary>What the viewer sees of a bitrate that falls and rises, over a simulated network under virtual time.</summary>
public sealed class AdaptationTests
{
    private static readonly LinkConditions Plain = new() { Delay = TimeSpan.FromMilliseconds(40) };

    [Fact]
    public void At_60_kbit_the_viewer_sees_15_smaller_pictures_a_second_and_gets_the_large_ones_back()
    {
        TestCall call = new TestCall { Adaptation = new(), Target = new(300) }.RunUntil(10);
        Assert.All(call.Viewer.Sizes, size => Assert.Equal((640, 360), size));
        int shown = call.Viewer.Shown.Count;

        call.Target.Kbps = 60;
        call.RunUntil(13);
        int small = call.Viewer.Shown.Count;
        call.RunUntil(23);
        Assert.All(call.Viewer.Sizes.Skip(small), size => Assert.Equal((426, 240), size));
        Assert.InRange(call.Viewer.Shown.Count - small, 145, 151);  // 10 s · 15

        call.Target.Kbps = 300;
        call.RunUntil(34);
        Assert.Equal((640, 360), call.Viewer.Sizes[^1]);
        call.RunUntil(38);
        int whole = call.Viewer.Shown.Count;
        call.RunUntil(48);
        Assert.InRange(call.Viewer.Shown.Count - whole, 295, 301);
        Assert.True(shown > 280);

        // One key frame at the start, one for each new size; nobody had to ask.
        Assert.Equal(3, call.Call.Sending.KeyFrames);
        Assert.Equal(0, call.Call.Received.KeyFrameRequests);
        Assert.Equal(0, call.Call.Received.FramesFailed + call.Call.Received.FramesNotDecodable);
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);
    }

    [Fact]
    public void A_rate_that_swings_every_5_seconds_for_half_a_minute_causes_no_storm_of_key_frames()
    {
        TestCall call = new() { Adaptation = new() };
        for (int second = 5; second <= 30; second += 5)
        {
            call.Target.Kbps = second % 10 == 0 ? 40 : 400;
            call.RunUntil(second);
        }

        Assert.InRange(call.Call.Sending.KeyFrames, 1, 3);
        Assert.Equal(0, call.Call.Received.FramesFailed + call.Call.Received.FramesNotDecodable);
    }

    [Fact]
    public void A_lost_packet_of_the_second_temporal_layer_costs_one_picture_and_nothing_after_it()
    {
        TestCall probe = new TestCall { Adaptation = new() }.RunUntil(5);
        int last = Enumerable.Range(30, 100).First(packet => probe.IsDiscardable(packet) && !probe.IsDiscardable(packet + 1));
        TestCall call = new TestCall { Adaptation = new(), Forward = Plain with { Loss = new ListedLoss(last) } }.RunUntil(5);

        int missing = call.FrameOfPacket(last);
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count + 1).Where(id => id != missing), call.Viewer.ShownIds);
        Assert.Equal(0, call.Call.Received.KeyFrameRequests);
        Assert.Equal(1, call.Call.Sending.KeyFrames);
        Assert.Equal(0, call.Call.Received.FreezeCount);
    }

    [Fact]
    public void Without_adaptation_the_picture_stays_as_captured_whatever_the_rate()
    {
        TestCall call = new TestCall { Target = new(300) }.RunUntil(5);
        call.Target.Kbps = 30;
        call.RunUntil(20);
        Assert.All(call.Viewer.Sizes, size => Assert.Equal((640, 360), size));
        Assert.Equal(0, call.Call.Sending.LeftOut);
    }
}
