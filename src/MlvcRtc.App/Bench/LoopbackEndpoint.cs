using MlvcRtc.App.Calls;
using MlvcRtc.App.Tracing;
using MlvcRtc.Call;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Threads;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Lab.Loopback;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.App.Bench;

/// <summary>
/// One end of a call that talks to itself: the sending half codes the clip, and the receiving half decodes the same stream, over two UDP sockets of this machine. The pipelines are those of every call;
/// the coders stay the caller's. What is counted begins with the first picture.
/// </summary>
internal sealed class LoopbackEndpoint : IAsyncDisposable, IVideoSink
{
    /// <summary>kbit/s where the rate is none of the question: the pacer then drains 50 Mbit/s, so that a frame leaves within a millisecond.</summary>
    public const double AmpleKbps = 20_000;

    /// <summary>Without a pace: coded frames that are on their way at most. Two keep both directions busy; more would only wait.</summary>
    private const int MostOnTheWay = 3;

    private const uint SenderSsrc = 1, ReceiverSsrc = 2;

    /// <summary>Frame interval that is planned with where there is no pace.</summary>
    private static readonly TimeSpan NoPace = TimeSpan.FromSeconds(1 / 30.0);

    /// <summary>How long the last frames may take to come through.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly BenchSettings _settings;
    private readonly TimeSpan _interval;
    private readonly UdpLink _near;
    private readonly UdpLink _far;
    private readonly Participant _participant;
    private readonly WakeSignal _progress = new();
    private readonly RhythmWatch _coded;
    private readonly RhythmWatch _shown;
    private readonly List<ShapeChange> _shapes = [];
    private readonly List<TimeSpan> _shownAt = [];
    private TimeSpan? _begun;
    private long _codedCount;
    private long _decodedCount;

    public LoopbackEndpoint(VideoCoders coders, BenchSettings settings, TraceRecording? trace, TimeProvider time)
    {
        _time = time;
        _settings = settings;
        _interval = settings.FramesPerSecond == 0 ? NoPace : TimeSpan.FromSeconds(1.0 / settings.FramesPerSecond);
        _coded = new(_interval);
        _shown = new(_interval);
        _near = UdpLink.OnLoopback(time);
        _far = UdpLink.OnLoopback(time);
        _near.Peer = _far.Address;
        _far.Peer = _near.Address;
        TraceTrack? track = trace?.Track("one endpoint");
        SendOptions send = new(new RtpStreamSettings(SenderSsrc), _interval) { Trace = track, Adaptation = settings.Adaptive ? new AdaptationOptions() : null };
        SendPipeline sending = new(
            coders.Encoder, settings.Kbps is null ? new ConstantQp(settings.Qp) : coders.Budget, new TargetRate(settings.Kbps ?? AmpleKbps), _near, send, time);
        ReceivePipeline receiving = new(
            coders.Decoder, this, _far, new ReceiveOptions(ReceiverSsrc, SenderSsrc, Playout: settings.FramesPerSecond == 0 ? null : PlayoutOptions.Fixed(2 * _interval), Trace: track), time);
        sending.FrameEncoded += OnEncoded;
        receiving.FrameDecoded += OnDecoded;
        if (track is not null)
        {
            trace!.Follow(sending, coders.Encoder, track);
            trace.Follow(receiving, coders.Decoder, track);
        }

        _participant = new(sending, receiving);
    }

    public SendPipeline Sending => _participant.Sending!;

    public ReceivePipeline Receiving => _participant.Receiving!;

    /// <summary>Time in which pictures were captured.</summary>
    public TimeSpan Measured { get; private set; }

    /// <summary>When frames were coded.</summary>
    public RhythmWatch CodedRhythm => _coded;

    /// <summary>When pictures were shown.</summary>
    public RhythmWatch ShownRhythm => _shown;

    /// <summary>What was coded from when on.</summary>
    public IReadOnlyList<ShapeChange> Shapes => _shapes;

    /// <summary>When pictures were shown, from the first captured one; kept only of an overload.</summary>
    public IReadOnlyList<TimeSpan> ShownAt => _shownAt;

    public async Task StartAsync(CancellationToken cancel)
    {
        await _near.StartAsync(cancel);
        await _far.StartAsync(cancel);
        await _participant.StartAsync(cancel);
    }

    /// <summary>Captures for so long, then lets the last frames come through.</summary>
    public async Task RunAsync(BenchMaterial material, TimeSpan duration, CancellationToken cancel)
    {
        _coded.Pause();
        _shown.Pause();
        TimeSpan begun = MediaClock.Now(_time);
        _begun ??= begun;
        await DedicatedThread.RunTogetherAsync(cancel, ("bench capture", stop => Capture(material, begun, duration, stop)));
        Measured += MediaClock.Now(_time) - begun;
        TimeSpan latest = MediaClock.Now(_time) + Drain;
        while ((!Sending.Idle || Interlocked.Read(ref _decodedCount) < Interlocked.Read(ref _codedCount)) && MediaClock.Now(_time) < latest)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, cancel);
        }

        if (_participant.Completion.IsFaulted)
        {
            await _participant.Completion;
        }
    }

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        _shown.Happened(info.PresentedAt);
        if (_settings.Overload is not null && _begun is { } begun)
        {
            _shownAt.Add(info.PresentedAt - begun);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _participant.StopAsync(CancellationToken.None);
        await _near.StopAsync(CancellationToken.None);
        await _far.StopAsync(CancellationToken.None);
        _participant.Dispose();
        _near.Dispose();
        _far.Dispose();
        _progress.Dispose();
    }

    private void Capture(BenchMaterial material, TimeSpan begun, TimeSpan duration, CancellationToken stop)
    {
        PromptThread.Become();
        VideoFrame picture = new();
        for (long index = 0; ; index++)
        {
            TimeSpan due = begun + (_settings.FramesPerSecond == 0 ? TimeSpan.Zero : index * _interval);
            for (TimeSpan now = MediaClock.Now(_time); now < due || IsFull(); now = MediaClock.Now(_time))
            {
                _progress.Wait(now < due ? due - now : Drain, stop);
            }

            TimeSpan taken = MediaClock.Now(_time);
            if (taken - begun >= duration)
            {
                return;
            }

            picture.CopyFrom(material.PictureAt(index));
            picture.CaptureTime = taken;
            Sending.Offer(picture);
            NoteShape(taken);
        }
    }

    /// <summary>Without a pace a picture is captured when the coders have room for it.</summary>
    private bool IsFull() => _settings.FramesPerSecond == 0
        && (!Sending.TakesAtOnce || Interlocked.Read(ref _codedCount) - Interlocked.Read(ref _decodedCount) >= MostOnTheWay);

    private void NoteShape(TimeSpan now)
    {
        VideoShape shape = Sending.Shaping.Shape;
        if (shape.Width > 0 && (_shapes.Count == 0 || (_shapes[^1].Width, _shapes[^1].Height, _shapes[^1].HalfRate) != (shape.Width, shape.Height, shape.HalfRate)))
        {
            double second = _shapes.Count == 0 ? 0 : (now - _begun.GetValueOrDefault(now)).TotalSeconds;
            _shapes.Add(new(Math.Round(second, 2), shape.Width, shape.Height, shape.HalfRate));
        }
    }

    private void OnEncoded(EncodedFrame frame)
    {
        Interlocked.Increment(ref _codedCount);
        _coded.Happened(MediaClock.Now(_time));
        WakeCapture();
    }

    private void OnDecoded(EncodedFrame frame)
    {
        Interlocked.Increment(ref _decodedCount);
        WakeCapture();
    }

    private void WakeCapture()
    {
        if (_settings.FramesPerSecond == 0)
        {
            _progress.Wake();
        }
    }
}

/// <summary>From when on which picture was coded.</summary>
/// <param name="Second">From the first picture.</param>
internal sealed record ShapeChange(double Second, int Width, int Height, bool HalfRate);

/// <summary>How even something that should happen once per interval is. One thread at a time; the figures after it has ended.</summary>
internal sealed class RhythmWatch(TimeSpan interval)
{
    private TimeSpan? _last;

    /// <summary>How far each interval was from the nominal one.</summary>
    public RunningPercentiles Deviations { get; } = new();

    public TimeSpan Longest { get; private set; }

    public long Count { get; private set; }

    /// <summary>The next interval does not count.</summary>
    public void Pause() => _last = null;

    public void Happened(TimeSpan now)
    {
        Count++;
        if (_last is { } last)
        {
            Deviations.Add((now - last - interval).Duration());
            Longest = now - last > Longest ? now - last : Longest;
        }

        _last = now;
    }
}
