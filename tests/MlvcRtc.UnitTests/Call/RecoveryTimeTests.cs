using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.UnitTests.Call;

/// <summary>How long single losses stop the picture, with the test codec; the real one is measured by the lab.</summary>
public sealed class RecoveryTimeTests
{
    private const double FrameMs = 1000.0 / 30;

    [Theory]
    [InlineData(20, RecoveryTools.KeyFrame | RecoveryTools.References)]
    [InlineData(80, RecoveryTools.KeyFrame | RecoveryTools.References)]
    [InlineData(200, RecoveryTools.KeyFrame | RecoveryTools.References)]
    [InlineData(20, RecoveryTools.All)]
    [InlineData(80, RecoveryTools.All)]
    [InlineData(200, RecoveryTools.All)]
    public void After_a_single_lost_packet_the_stream_goes_on_within_a_round_trip_two_frames_and_ten_milliseconds(int roundTripMs, RecoveryTools tools)
    {
        TimeSpan way = TimeSpan.FromMilliseconds(roundTripMs / 2.0);
        TestCall call = new TestCall
        {
            Renews = true,
            Target = new(200),
            Tools = tools,
            Forward = new() { Delay = way, Loss = new ListedLoss([.. Enumerable.Range(1, 20).Select(i => 40 * i)]) },
            Backward = new() { Delay = way },
        }.RunUntil(26);

        ReceiveStatistics seen = call.Call.Received;
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"RTT {roundTripMs}, {tools}: p50 {seen.RecoveryTimeP50.TotalMilliseconds:0}, p95 {seen.RecoveryTimeP95.TotalMilliseconds:0} ms; {seen.FramesLost} frames lost, "
            + $"{seen.PacketsLost} packets lost, {seen.NacksSent} asked for, {seen.RetransmissionsReceived} came again ({seen.RetransmissionsLate} late), {seen.RecoveryFramesDecoded} recovery frames, {seen.FeedbackSent} messages");
        Assert.True(seen.PacketsLost >= 15);
        Assert.Equal(0, seen.FramesFailed + seen.FramesNotDecodable);
        Assert.InRange(seen.RecoveryTimeP95.TotalMilliseconds, 1, roundTripMs + (2 * FrameMs) + 10);
    }
}
