using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Threads;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Call;

/// <summary>The threads around the stages, in real time. Waits end by what happens, not by the clock.</summary>
public sealed class ParticipantTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly LinkConditions Perfect = new();

    private readonly SimulatedLink _link = new(Perfect, Perfect, seed: 1, TimeProvider.System);
    private readonly LinkPump _pump;
    private readonly TestEncoder _encoder = new();
    private readonly TestDecoder _decoder = new();

    public ParticipantTests() => _pump = new LinkPump(_link, TimeProvider.System);

    public void Dispose()
    {
        _pump.Dispose();
        _encoder.Dispose();
        _decoder.Dispose();
    }

    [Fact]
    public async Task A_call_that_is_ended_at_any_moment_leaves_no_thread_behind()
    {
        Random random = new(7);
        VideoFrame picture = new(64, 64);
        await _pump.StartAsync(CancellationToken.None);
        for (int moment = 0; moment < 100; moment++)
        {
            using TestEncoder encoder = new();
            using TestDecoder decoder = new();
            CountingSink sink = new(wanted: 100);
            using Participant speaker = new(Sender(encoder), receiving: null);
            using Participant viewer = new(sending: null, new ReceivePipeline(decoder, sink, _link.B, new ReceiveOptions(2), TimeProvider.System));
            await viewer.StartAsync(CancellationToken.None);
            await speaker.StartAsync(CancellationToken.None);
            for (int offered = random.Next(6); offered > 0; offered--)
            {
                picture.CaptureTime = MediaClock.Now(TimeProvider.System);
                speaker.Sending!.Offer(picture);
            }

            Thread.SpinWait(random.Next(200_000));
            await Task.WhenAll(speaker.StopAsync(CancellationToken.None), viewer.StopAsync(CancellationToken.None)).WaitAsync(Patience, TestContext.Current.CancellationToken);
            Assert.True(speaker.Sending!.ExecuteTask is { IsCompleted: true, IsFaulted: false });
            Assert.True(viewer.Receiving!.ExecuteTask is { IsCompleted: true, IsFaulted: false });
        }

        await _pump.StopAsync(CancellationToken.None);
    }

    [Fact]
    public void Options_that_cannot_be_are_refused_before_the_call_with_a_sentence_for_each()
    {
        AdaptationOptions adaptation = new() { LeastBitsPerPixel = 0, HalveAfter = TimeSpan.Zero };

        ArgumentException refused = Assert.Throws<ArgumentException>(() => new SendPipeline(
            _encoder, new TestBudget(TimeSpan.FromMilliseconds(33), 64, 64), new TargetRate(300), _link.A, new SendOptions(new RtpStreamSettings(1), TimeSpan.Zero) { Adaptation = adaptation }, TimeProvider.System));

        Assert.Contains("FrameInterval is 00:00:00; it is the time from one captured picture to the next", refused.Message, StringComparison.Ordinal);
        Assert.Contains("LeastBitsPerPixel is 0", refused.Message, StringComparison.Ordinal);
        Assert.Contains("HalveAfter is 00:00:00; without a wait", refused.Message, StringComparison.Ordinal);
        Assert.Empty(new AdaptationOptions().Problems());
    }

    [Fact]
    public async Task A_call_shows_pictures_and_leaves_no_thread_behind()
    {
        CountingSink sink = new(wanted: 5);
        using Participant speaker = new(Sender(_encoder), receiving: null);
        using Participant viewer = new(sending: null, Receiver(sink));
        await _pump.StartAsync(CancellationToken.None);
        await viewer.StartAsync(CancellationToken.None);
        await speaker.StartAsync(CancellationToken.None);

        VideoFrame picture = new(64, 64);
        for (int i = 0; i < 5; i++)
        {
            picture.CaptureTime = MediaClock.Now(TimeProvider.System);
            speaker.Sending!.Offer(picture);
            await sink.Shown.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }

        Assert.False(speaker.Completion.IsCompleted);
        await speaker.StopAsync(CancellationToken.None);
        await viewer.StopAsync(CancellationToken.None);
        await _pump.StopAsync(CancellationToken.None);

        // A pipeline's task ends after its last thread.
        await Task.WhenAll(speaker.Sending!.ExecuteTask!, viewer.Receiving!.ExecuteTask!, _pump.ExecuteTask!).WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(5, speaker.Sending.Statistics.FramesEncoded);
        Assert.Equal(5, viewer.Receiving.Statistics.FramesDecoded);
        Assert.Equal(6, viewer.Receiving.Statistics.PacketsReceived);  // the key frame, 1,330 bytes at best quality, takes two
    }

    [Fact]
    public async Task An_encoder_that_fails_ends_the_call_with_its_reason()
    {
        using Participant speaker = new(Sender(new FailingEncoder()), receiving: null);
        await speaker.StartAsync(CancellationToken.None);
        speaker.Sending!.Offer(new VideoFrame(64, 64));

        PipelineFailedException failure = await Assert.ThrowsAsync<PipelineFailedException>(
            () => speaker.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));

        Assert.Equal("The 'mlvc encode' thread failed: the machine is on fire", failure.Message);
        await speaker.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_sink_that_fails_ends_the_call_with_its_reason()
    {
        using Participant speaker = new(Sender(_encoder), receiving: null);
        using Participant viewer = new(sending: null, Receiver(new FailingSink()));
        await _pump.StartAsync(CancellationToken.None);
        await viewer.StartAsync(CancellationToken.None);
        await speaker.StartAsync(CancellationToken.None);
        speaker.Sending!.Offer(new VideoFrame(64, 64));

        PipelineFailedException failure = await Assert.ThrowsAsync<PipelineFailedException>(
            () => viewer.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));

        Assert.Equal("The 'mlvc present' thread failed: no screen", failure.Message);
        await speaker.StopAsync(CancellationToken.None);
        await viewer.StopAsync(CancellationToken.None);
        await _pump.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task The_round_trip_that_the_sending_half_measures_is_told_to_the_receiving_half()
    {
        LinkConditions slow = new() { Delay = TimeSpan.FromMilliseconds(7) };
        _link.ConditionsAToB = slow;
        _link.ConditionsBToA = slow;
        using ManualResetEventSlim told = new();
        CongestionOptions congestion = new(new RateBounds());
        using Participant one = new(Sender(_encoder, congestion), new ReceivePipeline(_decoder, new CountingSink(100), _link.A, new ReceiveOptions(OwnSsrc: 3, RemoteSsrc: 4), TimeProvider.System));
        using Participant other = new(sending: null, Receiver(new CountingSink(100)));
        one.Sending!.Congestion!.RoundTripMeasured += _ => told.Set();
        TimeSpan assumed = one.Receiving!.RoundTripTime;
        await _pump.StartAsync(CancellationToken.None);
        await other.StartAsync(CancellationToken.None);
        await one.StartAsync(CancellationToken.None);
        one.Sending.Offer(new VideoFrame(64, 64));

        Assert.True(told.Wait(Patience, TestContext.Current.CancellationToken));
        await one.StopAsync(CancellationToken.None);
        await other.StopAsync(CancellationToken.None);
        await _pump.StopAsync(CancellationToken.None);
        Assert.Equal(one.Sending.Congestion.RoundTripTime, one.Receiving.RoundTripTime);
        Assert.NotEqual(assumed, one.Receiving.RoundTripTime);
        Assert.True(one.Receiving.RoundTripTime >= TimeSpan.FromMilliseconds(14));
    }

    private SendPipeline Sender(IVideoEncoder encoder, CongestionOptions? congestion = null) => new(
        encoder,
        new TestBudget(TimeSpan.FromMilliseconds(33), 64, 64),
        new TargetRate(3000),
        _link.A,
        new SendOptions(new RtpStreamSettings(1), TimeSpan.FromMilliseconds(33), Congestion: congestion),
        TimeProvider.System);

    private ReceivePipeline Receiver(IVideoSink sink) => new(_decoder, sink, _link.B, new ReceiveOptions(OwnSsrc: 2), TimeProvider.System);

    private sealed class CountingSink(int wanted) : IVideoSink
    {
        public SemaphoreSlim Shown { get; } = new(0, wanted);

        public void Present(VideoFrame picture, in PresentedFrame info) => Shown.Release();
    }

    private sealed class FailingSink : IVideoSink
    {
        public void Present(VideoFrame picture, in PresentedFrame info) => throw new InvalidOperationException("no screen");
    }

    private sealed class FailingEncoder : IVideoEncoder
    {
        public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded) =>
            throw new InvalidOperationException("the machine is on fire");

        public void Dispose()
        {
        }
    }
}
