using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Call;

/// <summary>What playout delay does to the rhythm of a call at 30 frames/s, over a simulated network under virtual time.</summary>
public sealed class PlayoutDelayTests
{
    private const double FrameMs = 1000 / 30.0;

    private static readonly LinkConditions Jittery = new()
    {
        Delay = TimeSpan.FromMilliseconds(40),
        Jitter = TimeSpan.FromMilliseconds(30),
    };

    [Fact]
    public void Jitter_of_30_ms_makes_the_picture_uneven_when_nothing_waits()
    {
        TestCall call = new TestCall { Forward = Jittery }.RunUntil(30);
        Assert.True(UnevenShare(call) > 0.35, $"{UnevenShare(call):P0} uneven");
    }

    [Fact]
    public void With_adaptive_playout_the_same_jitter_is_not_seen()
    {
        TestCall call = new TestCall { Forward = Jittery, Playout = PlayoutOptions.Adaptive }.RunUntil(30);

        // 97 of 100 frames are in time, and each that is not disturbs two intervals.
        Assert.True(UnevenShare(call) < 0.06, $"{UnevenShare(call):P1} uneven");
        Assert.Equal(Enumerable.Range(0, call.Viewer.Shown.Count), call.Viewer.ShownIds);

        // 30 ms of jitter, 6 to decode, and up to 13 of pacing; not the 200 that would be allowed.
        Assert.InRange(call.Call.Received.PlayoutDelay.TotalMilliseconds, 34, 50);
    }

    [Fact]
    public void With_a_fixed_delay_of_100_ms_every_picture_is_shown_100_ms_after_its_earliest_arrival()
    {
        TestCall call = new TestCall { Forward = Jittery, Playout = PlayoutOptions.Fixed(TimeSpan.FromMilliseconds(100)) }.RunUntil(30);

        // 8 ms to encode, up to 6.7 until the second packet may leave, 40 on the way, 100 of delay.
        double[] latenciesMs = [.. Settled(call, 10).Select(frame => frame.Latency.TotalMilliseconds)];
        Assert.All(latenciesMs, ms => Assert.InRange(ms, 148, 156));
        Assert.Equal(0, UnevenShare(call));
        Assert.Equal(0, call.Call.Received.FramesDroppedLate);
        Assert.Equal(0, call.Call.Received.FreezeCount);
    }

    [Fact]
    public void Waiting_pictures_do_not_hold_up_decoding_nor_the_requests_for_help()
    {
        static TestCall Lossy(PlayoutOptions playout) => new TestCall
        {
            Forward = new() { Delay = TimeSpan.FromMilliseconds(40), Loss = new ListedLoss(40, 90, 160) },
            Playout = playout,
            Tools = RecoveryTools.KeyFrame,  // a retransmission would be waited for where there is time
        }.RunUntil(10);
        TestCall hasty = Lossy(PlayoutOptions.Immediate);
        TestCall patient = Lossy(PlayoutOptions.Fixed(TimeSpan.FromMilliseconds(200)));

        Assert.Equal(hasty.Call.Received.FramesDecoded, patient.Call.Received.FramesDecoded);
        Assert.Equal(hasty.Call.Received.Recoveries, patient.Call.Received.Recoveries);
        Assert.Equal(hasty.Call.Received.KeyFrameRequests, patient.Call.Received.KeyFrameRequests);
    }

    [Fact]
    public void After_a_second_without_network_the_picture_is_even_again_within_a_second()
    {
        TestCall call = new TestCall { Forward = Jittery, Playout = PlayoutOptions.Adaptive }.RunUntil(20);
        call.Call.Link.ConditionsAToB = Jittery with { Loss = new BernoulliLoss(100) };
        call.RunUntil(21);
        call.Call.Link.ConditionsAToB = Jittery;
        call.RunUntil(30);

        Assert.Equal(1, call.Call.Received.FreezeCount);
        Assert.True(UnevenShare(call, fromSeconds: 22) < 0.06, $"{UnevenShare(call, 22):P1} uneven");
        Assert.InRange(call.Call.Received.PlayoutDelay.TotalMilliseconds, 34, 60);
    }

    /// <summary>Intervals more than a quarter of a frame from the nominal one, after ten seconds to settle. Pictures that the sender skipped are no fault of the playout.</summary>
    private static double UnevenShare(TestCall call, double fromSeconds = 10)
    {
        PresentedFrame[] shown = [.. Settled(call, fromSeconds)];
        double[] intervals = [.. shown.Zip(shown.Skip(1), (one, next) => (next.PresentedAt - one.PresentedAt).TotalMilliseconds)];
        return intervals.Count(ms => Math.Abs(ms - FrameMs) > FrameMs / 4) / (double)intervals.Length;
    }

    private static IEnumerable<PresentedFrame> Settled(TestCall call, double fromSeconds) =>
        call.Viewer.Shown.Where(frame => frame.PresentedAt > TimeSpan.FromSeconds(fromSeconds));
}
