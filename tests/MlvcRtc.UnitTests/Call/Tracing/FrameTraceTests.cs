using System.Text.Json;
using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Lab.Network;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.UnitTests.Call.Tracing;

/// <summary>What a person sees who opens a trace: frames on lanes, in order, with what was late and what was dropped.</summary>
public sealed class FrameTraceTests
{
    [Fact]
    public void A_frame_stands_on_each_of_its_lanes_and_arrows_lead_from_one_to_the_next()
    {
        FrameTrace trace = new();
        TraceTrack track = trace.Track("A to B");
        track.Span(TraceLane.Encode, 7, Ms(10), Ms(18.5));
        track.Span(TraceLane.Capture, 7, Ms(1), Ms(10));
        track.Span(TraceLane.Pace, 7, Ms(19), Ms(23));

        JsonElement[] events = Written(trace);

        JsonElement[] slices = Of(events, "X");
        Assert.Equal(["frame 7", "frame 7", "frame 7"], slices.Select(Name));
        Assert.Equal([1000.0, 10_000, 19_000], slices.Select(one => one.GetProperty("ts").GetDouble()));
        Assert.Equal([9000.0, 8500, 4000], slices.Select(one => one.GetProperty("dur").GetDouble()));
        Assert.Equal(["capture", "encode", "pace"], Of(events, "M").Where(one => Name(one) == "thread_name").Select(one => one.GetProperty("args").GetProperty("name").GetString()));
        Assert.Equal(["s", "t", "f"], events.Select(Phase).Where(phase => phase is "s" or "t" or "f"));
        Assert.Single(events.Where(one => Phase(one) is "s" or "t" or "f").Select(one => one.GetProperty("id").GetInt32()).Distinct());
    }

    [Fact]
    public void Frames_that_wait_at_the_same_time_do_not_overlap_on_their_lane()
    {
        FrameTrace trace = new();
        TraceTrack track = trace.Track("A to B");
        track.Span(TraceLane.Pace, 1, Ms(0), Ms(20));
        track.Span(TraceLane.Pace, 2, Ms(5), Ms(30));
        track.Span(TraceLane.Pace, 3, Ms(6), Ms(31));
        track.Span(TraceLane.Present, 3, Ms(6), Ms(31));

        JsonElement[] pace = [.. Of(Written(trace), "X").Where(one => one.GetProperty("tid").GetInt32() == (int)TraceLane.Pace + 1)];

        double free = 0;
        foreach (JsonElement slice in pace)
        {
            double begin = slice.GetProperty("ts").GetDouble();
            Assert.True(begin >= free);
            free = begin + slice.GetProperty("dur").GetDouble();
        }

        Assert.Equal(3, pace.Length);
        Assert.Equal(31_000, free);
    }

    [Fact]
    public void What_was_late_and_what_was_dropped_is_marked_where_it_happened()
    {
        FrameTrace trace = new();
        TraceTrack track = trace.Track("A to B");
        track.Span(TraceLane.Encode, 1, Ms(0), Ms(20), deadline: Ms(15));
        track.Span(TraceLane.Encode, 2, Ms(20), Ms(30), deadline: Ms(50));
        track.Drop(TraceLane.Capture, FrameDrop.Queue, frame: null, Ms(33));

        JsonElement[] events = Written(trace);

        Assert.Equal(["deadline missed", "skipped: the pacer is behind"], Of(events, "i").Select(Name));
        Assert.Equal([15_000.0, 33_000], Of(events, "i").Select(one => one.GetProperty("ts").GetDouble()));
        Assert.Equal([-5.0, 20], Of(events, "X").Select(one => one.GetProperty("args").GetProperty("left_until_deadline_ms").GetDouble()));
    }

    [Fact]
    public void Recording_allocates_nothing_and_keeps_the_newest()
    {
        FrameTrace trace = new(capacity: 100);
        TraceTrack track = trace.Track("A to B");
        track.Span(TraceLane.Encode, 0, Ms(0), Ms(1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ushort frame = 1; frame < 1000; frame++)
        {
            track.Span(TraceLane.Encode, frame, Ms(frame), Ms(frame + 1), Ms(frame + 2));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(900, trace.Overwritten);
        Assert.Equal(Enumerable.Range(900, 100).Select(frame => $"frame {frame}"), Of(Written(trace), "X").Select(Name));
    }

    [Fact]
    public async Task Every_frame_of_a_call_is_found_on_every_lane()
    {
        const int pictures = 5;
        LinkConditions perfect = new();
        SimulatedLink link = new(perfect, perfect, seed: 1, TimeProvider.System);
        using LinkPump pump = new(link, TimeProvider.System);
        FrameTrace trace = new();
        TraceTrack track = trace.Track("A to B");
        Screen screen = new();
        using TestEncoder encoder = new();
        using TestDecoder decoder = new();
        TimeSpan interval = TimeSpan.FromSeconds(1) / 30;
        using Participant speaker = new(
            new SendPipeline(encoder, new TestBudget(interval, 64, 64), new TargetRate(300), link.A, new SendOptions(new RtpStreamSettings(1), interval) { Trace = track }, TimeProvider.System),
            receiving: null);
        using Participant viewer = new(
            sending: null, new ReceivePipeline(decoder, screen, link.B, new ReceiveOptions(2, 1) { Trace = track }, TimeProvider.System));
        await pump.StartAsync(CancellationToken.None);
        await viewer.StartAsync(CancellationToken.None);
        await speaker.StartAsync(CancellationToken.None);
        VideoFrame picture = new(64, 64);
        for (int i = 0; i < pictures; i++)
        {
            picture.CaptureTime = MediaClock.Now(TimeProvider.System);
            speaker.Sending!.Offer(picture);
            await screen.Shown.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await speaker.StopAsync(CancellationToken.None);
        await viewer.StopAsync(CancellationToken.None);
        await pump.StopAsync(CancellationToken.None);

        JsonElement[] slices = Of(Written(trace), "X");
        foreach (TraceLane lane in new[] { TraceLane.Capture, TraceLane.Encode, TraceLane.Pace, TraceLane.Receive, TraceLane.Decode, TraceLane.Present })
        {
            Assert.Equal(pictures, slices.Count(one => one.GetProperty("tid").GetInt32() == (int)lane + 1));
        }

        Assert.Equal(pictures, speaker.Sending!.Watch.EncodeTimes.Samples);
        Assert.Equal(pictures, viewer.Receiving!.Watch.DecodeTimes.Samples);
        Assert.Equal(speaker.Sending.Statistics.PacketsSent, speaker.Sending.Watch.PacingDelays.Samples);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static JsonElement[] Written(FrameTrace trace)
    {
        using MemoryStream file = new();
        TraceFile.Write(trace, file);
        return [.. JsonDocument.Parse(file.ToArray()).RootElement.GetProperty("traceEvents").EnumerateArray()];
    }

    private static JsonElement[] Of(JsonElement[] events, string phase) => [.. events.Where(one => Phase(one) == phase)];

    private static string? Phase(JsonElement one) => one.GetProperty("ph").GetString();

    private static string? Name(JsonElement one) => one.GetProperty("name").GetString();

    private sealed class Screen : IVideoSink
    {
        public SemaphoreSlim Shown { get; } = new(0);

        public void Present(VideoFrame picture, in PresentedFrame info) => Shown.Release();
    }
}
