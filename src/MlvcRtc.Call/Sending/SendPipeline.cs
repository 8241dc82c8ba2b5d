using Microsoft.Extensions.Hosting;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Scheduling;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Threads;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Sending;

/// <summary>How one stream is sent.</summary>
/// <param name="Stream">RTP numbers of the stream.</param>
/// <param name="FrameInterval">One frame at the nominal rate; above zero.</param>
/// <param name="Congestion">Measures the path, and lets the rate follow it; null = the rate stays as it was set.</param>
/// <param name="Tools">What mends a broken picture; both ends use the same set.</param>
/// <param name="References">How references are used; its frame interval and tools are those named here. Null = the defaults.</param>
/// <param name="Adaptation">Lets picture size and frame rate follow the rate; null = every picture is coded as captured.</param>
/// <param name="Trace">Gets what became of every frame; null = nobody asks.</param>
public sealed record SendOptions(
    RtpStreamSettings Stream,
    TimeSpan FrameInterval,
    CongestionOptions? Congestion = null,
    RecoveryTools Tools = RecoveryTools.All,
    ReferencePolicyOptions? References = null,
    AdaptationOptions? Adaptation = null,
    TraceTrack? Trace = null)
{
    /// <summary>What the reference policy starts from.</summary>
    public ReferencePolicyOptions Policy =>
        (References ?? new ReferencePolicyOptions { FrameInterval = FrameInterval }) with { FrameInterval = FrameInterval, Tools = Tools };

    /// <summary>What is wrong with the values, each in a sentence; empty = nothing.</summary>
    public IEnumerable<string> Problems()
    {
        if (FrameInterval <= TimeSpan.Zero)
        {
            yield return $"{nameof(FrameInterval)} is {FrameInterval}; it is the time from one captured picture to the next, such as 33 ms.";
        }

        foreach (string problem in Adaptation?.Problems() ?? [])
        {
            yield return problem;
        }
    }
}

/// <summary>
/// The sending half of a call. Two threads of its own, joined by bounded queues:
/// <code>
/// Offer ─► [2 pictures, oldest dropped] ─► encode thread: 2 ask · 3 encode · 4 packetize ─► [pacer] ─► send thread: 5 pace · 6 send
///                                                 ▲ feedback (letter a), on the link's thread
/// </code>
/// The encoder and the link stay the caller's. Stop before disposing them.
/// </summary>
public sealed class SendPipeline : BackgroundService
{
    /// <summary>Captured pictures that wait for the encoder.</summary>
    private const int WaitingPictures = 2;

    private readonly IPacketLink _link;
    private readonly TimeProvider _time;
    private readonly RecyclingQueue<VideoFrame> _captured = new(WaitingPictures, static () => new VideoFrame());
    private readonly WakeSignal _sendWake = new();
    private readonly PacedSender _sender;
    private readonly ReferenceGate _references;
    private readonly FeedbackStage _feedback;
    private readonly EncodeStage _encode;
    private readonly SendWatch _watch;
    private readonly EncodeAdmission _admission = new();
    private readonly MachineLimit? _machine;
    private readonly Counter _offered = new();
    private readonly Counter _dropped = new();
    private readonly Counter _handled = new();
    private readonly Counter _unsendable = new();

    /// <exception cref="ArgumentException">The options do not fit; the message says what and why.</exception>
    public SendPipeline(IVideoEncoder encoder, IFrameBudget budget, TargetRate rate, IPacketLink link, SendOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(rate);
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException($"The call cannot send with these options. {string.Join(" ", problems)}", nameof(options));
        }

        _link = link;
        _time = time;
        Congestion = options.Congestion is null ? null : new CongestionControl(options.Congestion, rate);
        _watch = new SendWatch(options.Trace);
        _sender = new PacedSender(link, options.Stream, rate.Kbps, Congestion, _watch);
        _references = new ReferenceGate(options.Policy);
        _machine = options.Adaptation is null ? null : new MachineLimit();
        _feedback = new FeedbackStage(_references, _sender, options.Stream.Ssrc, Congestion, options.Tools, _machine);
        Shaping = new ShapeStage(options.Adaptation, budget, rate, options.FrameInterval);
        _encode = new EncodeStage(encoder, budget, _sender, _references, rate, Shaping);
    }

    /// <summary>A frame was coded, on the encode thread; it is overwritten after the call. Handlers must be quick.</summary>
    public event Action<EncodedFrame>? FrameEncoded;

    /// <summary>What is known of the path; null = it is not measured.</summary>
    public CongestionControl? Congestion { get; }

    /// <summary>Smoothed; what measured it tells. 100 ms until then.</summary>
    public TimeSpan RoundTripTime
    {
        get => _references.RoundTripTime;
        set => _feedback.RoundTripTime = value;
    }

    /// <summary>Size and frame rate in use, and the machine's limit on them.</summary>
    public ShapeStage Shaping { get; }

    public SendStatistics Statistics => new(
        _offered.Value,
        _dropped.Value,
        _encode.SkippedForQueue + _encode.SkippedForBudget + _encode.SkippedForTime,
        _encode.LeftOut,
        _encode.FramesEncoded,
        _unsendable.Value,
        _encode.KeyFrames,
        _encode.PayloadBytes,
        _sender.PacketsSent,
        _sender.BytesSent,
        _feedback.KeyFrameRequests,
        _references.Breaks,
        _encode.RepairFrames,
        _encode.AcknowledgedReferenceFrames,
        _feedback.PacketsRequested,
        _sender.PacketsResent,
        _sender.BytesResent);

    /// <summary>Times and deadlines of coding, and how late packets leave.</summary>
    public SendWatch Watch => _watch;

    /// <summary>No captured picture waits for the encoder: one that is offered now is taken next.</summary>
    public bool TakesAtOnce => _captured.Count == 0;

    /// <summary>Nothing waits: neither a picture for the encoder nor a packet for the network.</summary>
    public bool Idle => _offered.Value == _dropped.Value + _handled.Value && _sender.NextSend is null;

    /// <summary>Step 1 ends here: copies a captured picture in. Never blocks; when the encoder is behind, the oldest waiting picture is dropped.</summary>
    public void Offer(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        VideoFrame copy = _captured.RentOrDropOldest(out bool dropped);
        copy.CopyFrom(picture);
        _offered.Add();
        if (dropped)
        {
            _dropped.Add();
            _watch.Dropped(FrameDrop.Replaced, frame: null, picture.CaptureTime);
        }

        _captured.Publish(copy);
    }

    /// <summary>From here on packets of the link are heard.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _link.Arrived += OnArrived;
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Stops the threads. One that is stopped before they began hears nothing any more either.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        _link.Arrived -= OnArrived;
    }

    public override void Dispose()
    {
        base.Dispose();
        _captured.Dispose();
        _sendWake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await DedicatedThread.RunTogetherAsync(stoppingToken, ("mlvc encode", EncodeLoop), ("mlvc send", SendLoop)).ConfigureAwait(false);
        }
        finally
        {
            _link.Arrived -= OnArrived;
        }
    }

    private static FrameDrop ReasonOf(EncodeOutcome outcome) => outcome switch
    {
        EncodeOutcome.SkippedForQueue => FrameDrop.Queue,
        EncodeOutcome.SkippedForBudget => FrameDrop.Budget,
        EncodeOutcome.SkippedForTime => FrameDrop.Deadline,
        _ => FrameDrop.HalfRate,
    };

    private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        long requested = _feedback.PacketsRequested;
        _feedback.Receive(packet, arrival);
        if (_feedback.PacketsRequested != requested || Congestion?.ProbeWaits == true)
        {
            _sendWake.Wake();
        }
    }

    private void EncodeLoop(CancellationToken stop)
    {
        InferenceThread.Become();
        while (true)
        {
            VideoFrame? picture = _captured.TryTake();
            if (picture is null)
            {
                _captured.Wait(null, stop);
                continue;
            }

            stop.ThrowIfCancellationRequested();
            Encode(picture);

            _captured.Return(picture);
            _handled.Add();
        }
    }

    private void Encode(VideoFrame picture)
    {
        TimeSpan begun = MediaClock.Now(_time);
        TimeSpan deadline = EncodeAdmission.DeadlineOf(picture.CaptureTime, Shaping.FrameInterval);
        EncodeOutcome outcome;
        if (_machine is not null)
        {
            Shaping.SamplesPerSecond = _machine.SamplesPerSecond(begun);
        }

        using (CallMetrics.Activities.StartActivity("encode"))
        {
            outcome = _admission.Admits(deadline, newerWaits: _captured.Count > 0, begun) ? _encode.Encode(picture, begun) : _encode.SkipForTime();
        }

        if (outcome != EncodeOutcome.Coded)
        {
            _watch.Dropped(ReasonOf(outcome), frame: null, begun);
            return;
        }

        EncodedFrame coded = _encode.Coded;
        TimeSpan ended = MediaClock.Now(_time);
        int samples = Shaping.Shape.Samples;
        _admission.Coded(samples, ended - begun);
        _machine?.Coded(samples, ended - begun, Shaping.FrameInterval);
        _watch.Coded(coded, begun, ended, deadline);
        FrameEncoded?.Invoke(coded);
        TimeSpan now = MediaClock.Now(_time);
        if (!_sender.TryQueue(coded, now, _encode.CodedIsRepair))
        {
            _unsendable.Add();
            _watch.Dropped(FrameDrop.Unsendable, coded.FrameId, now);
            _references.FrameUnsent();
        }

        _sendWake.Wake();
    }

    private void SendLoop(CancellationToken stop)
    {
        PromptThread.Become();
        while (true)
        {
            TimeSpan now = MediaClock.Now(_time);
            _sender.SendDue(now);
            _sendWake.Wait(_sender.NextSend - now, stop);
        }
    }
}
