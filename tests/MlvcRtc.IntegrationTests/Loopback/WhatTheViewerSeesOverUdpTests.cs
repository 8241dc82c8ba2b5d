using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Network;

namespace MlvcRtc.IntegrationTests.Loopback;

/// <summary>Not beside other tests: these calls are in real time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LoopbackTests : ICollectionFixture<LoopbackCalls>
{
    public const string Name = "loopback";
}

/// <summary>Calls in real time, over real sockets, through a lossy relay. Bounds leave room for a busy machine; its own standstill is measured and taken off.</summary>
[Collection(LoopbackTests.Name)]
public sealed class WhatTheViewerSeesOverUdpTests(LoopbackCalls calls)
{
    [Fact]
    public async Task On_a_good_network_every_picture_is_shown_in_order()
    {
        CallOverUdp call = await calls["good"];
        EveryFrameIsShownInOrder(call.AtB, call.A.Sending!.Statistics.FramesEncoded);
        Assert.Equal(1, call.A.Sending!.Statistics.KeyFrames);
    }

    [Fact]
    public async Task At_5_percent_loss_the_picture_never_stops_for_a_second()
    {
        CallOverUdp call = await calls["loss 5"];
        Assert.InRange(Losses(call.Relay.Network.CountsAToB), 0.02, 0.09);  // the relay did what the name says
        NothingWrong(call.AtB, call.B.Receiving!.Statistics);
        Assert.True(Gap(call.AtB) < TimeSpan.FromSeconds(1), Describe(call));
    }

    [Fact]
    public async Task With_reordering_nothing_is_missing()
    {
        CallOverUdp call = await calls["reorder"];
        EveryFrameIsShownInOrder(call.AtB, call.A.Sending!.Statistics.FramesEncoded);
    }

    [Fact]
    public async Task When_packets_come_twice_nothing_is_shown_twice()
    {
        CallOverUdp call = await calls["twice"];
        LinkCounts counts = call.Relay.Network.CountsAToB;
        Assert.True(counts.Delivered > counts.Sent * 11 / 10);
        EveryFrameIsShownInOrder(call.AtB, call.A.Sending!.Statistics.FramesEncoded);
    }

    [Fact]
    public async Task Both_directions_at_once()
    {
        CallOverUdp call = await calls["both"];
        foreach ((Audience audience, ReceivePipeline receiving) in new[] { (call.AtA, call.A.Receiving!), (call.AtB, call.B.Receiving!) })
        {
            NothingWrong(audience, receiving.Statistics);
            Assert.True(audience.Shown.Count > 100, Describe(call));  // of 180
            Assert.True(Gap(audience) < TimeSpan.FromMilliseconds(500), Describe(call));
        }
    }

    [Fact]
    public async Task A_hostile_stranger_on_the_port_changes_nothing()
    {
        CallOverUdp call = await calls["stranger"];
        Assert.True(call.LinkOfB.StrangersDatagrams > 1000, $"{call.LinkOfB.StrangersDatagrams} datagrams");
        EveryFrameIsShownInOrder(call.AtB, call.A.Sending!.Statistics.FramesEncoded);
        Assert.Equal(0, call.B.Receiving!.Statistics.PacketsRejected);
    }

    private static double Losses(LinkCounts counts) => (double)counts.Lost / counts.Sent;

    /// <summary>The decoder refused nothing, and shows only pictures of this call, each once.</summary>
    private static void NothingWrong(Audience audience, ReceiveStatistics statistics)
    {
        Assert.Equal(0, statistics.FramesFailed);
        Assert.Equal(0, audience.WrongPictures);
        int[] ids = audience.Ids;
        Assert.Equal(ids.Order().Distinct(), ids);
    }

    private static void EveryFrameIsShownInOrder(Audience audience, long encoded)
    {
        Assert.InRange(encoded, 90, 200);  // 180 pictures of 6 s; a slow machine skips some before they are coded
        Assert.Equal(Enumerable.Range(0, (int)encoded), audience.Ids);
        Assert.Equal(0, audience.WrongPictures);
    }

    /// <summary>The longest the picture stood, from one second into the call until the camera was switched off.</summary>
    private TimeSpan Gap(Audience audience)
    {
        TimeSpan begin = audience.Shown[0].PresentedAt;
        return audience.LongestGap(calls.Machine, begin + TimeSpan.FromSeconds(1), begin + TimeSpan.FromSeconds(5.5));
    }

    private string Describe(CallOverUdp call) =>
        $"gap {Gap(call.AtB).TotalMilliseconds:0} ms; machine stood {calls.Machine.Longest.TotalMilliseconds:0} ms; {call.A.Sending!.Statistics}; {call.B.Receiving!.Statistics}; {call.Relay.Network.CountsAToB}";
}
