using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Lab.Simulation;

/// <summary>What a simulated call is made of.</summary>
/// <param name="Forward">Sender to receiver.</param>
/// <param name="Backward">Receiver to sender: the way of the feedback.</param>
/// <param name="EncodeTime">Taken for every frame, in place of the machine's real time; below one frame interval.</param>
/// <param name="DecodeTime">Taken for every frame.</param>
/// <param name="Playout">How long decoded pictures wait; null = not at all.</param>
/// <param name="Tools">What mends a broken picture, on both sides.</param>
/// <param name="References">How references are used; null = the defaults. The frame interval and the tools are those of the call.</param>
/// <param name="Adaptation">Lets picture size and frame rate follow the rate; null = every picture is coded as captured.</param>
/// <param name="Congestion">Measures the path, and lets <paramref name="Rate"/> follow it; null = the rate stays as it was set.</param>
public sealed record VirtualCallSettings(
    IVideoEncoder Encoder,
    IVideoDecoder Decoder,
    IFrameBudget Budget,
    TargetRate Rate,
    IClipReader Source,
    IVideoSink Sink,
    LinkSchedule Forward,
    LinkSchedule Backward,
    int Seed,
    TimeSpan EncodeTime,
    TimeSpan DecodeTime,
    PlayoutOptions? Playout = null,
    RecoveryTools Tools = RecoveryTools.All,
    ReferencePolicyOptions? References = null,
    AdaptationOptions? Adaptation = null,
    CongestionOptions? Congestion = null);

/// <summary>
/// One direction of a call under virtual time: the same stages as in <see cref="SendPipeline"/> and <see cref="ReceivePipeline"/>, moved
/// from event to event on one thread. Ten minutes pass in seconds, and the same settings give the same call to the bit.
/// </summary>
public sealed class VirtualCall
{
    private const uint SenderSsrc = 0x5E4D, ReceiverSsrc = 0x4EC1;  // any two

    private readonly VirtualCallSettings _settings;
    private readonly VirtualClock _clock = new();
    private readonly ReferenceGate _references;
    private readonly PacedSender _sender;
    private readonly EncodeStage _encode;
    private readonly FeedbackStage _feedback;
    private readonly FeedbackScheduler _receiverFeedback;
    private readonly ArrivalStage _arrivals;
    private readonly AssembleStage _assemble;
    private readonly DecodeStage _decode;
    private readonly SharedPlayoutClock _playout;
    private readonly PresentStage _present;
    private readonly VideoFrame _captured = new();
    private readonly Queue<EncodedFrame> _whole = new();
    private readonly Stack<EncodedFrame> _free = new();
    private EncodedFrame? _decoding;
    private bool _decodedPicture;
    private TimeSpan _decodedAt;
    private TimeSpan? _codedAt;
    private TimeSpan? _nextCapture = TimeSpan.Zero;

    public VirtualCall(VirtualCallSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        LinkConditions forward = settings.Forward.At(TimeSpan.Zero);
        LinkConditions backward = settings.Backward.At(TimeSpan.Zero);
        Link = new SimulatedLink(forward, backward, settings.Seed, _clock) { ScheduleAToB = settings.Forward, ScheduleBToA = settings.Backward };
        Congestion = settings.Congestion is null ? null : new CongestionControl(settings.Congestion, settings.Rate);
        _sender = new PacedSender(Link.A, new RtpStreamSettings(SenderSsrc), settings.Rate.Kbps, Congestion);
        TimeSpan roundTrip = forward.Delay + backward.Delay;
        _references = new ReferenceGate(
            (settings.References ?? new ReferencePolicyOptions { FrameInterval = settings.Source.Rate.Interval }) with
            {
                FrameInterval = settings.Source.Rate.Interval,
                Tools = settings.Tools,
            });
        Shaping = new ShapeStage(settings.Adaptation, settings.Budget, settings.Rate, settings.Source.Rate.Interval);
        _encode = new EncodeStage(settings.Encoder, settings.Budget, _sender, _references, settings.Rate, Shaping);
        _feedback = new FeedbackStage(_references, _sender, SenderSsrc, Congestion, settings.Tools) { RoundTripTime = roundTrip };
        _playout = new SharedPlayoutClock(settings.Playout ?? PlayoutOptions.Immediate);
        _present = new PresentStage(settings.Sink, _playout);
        _arrivals = new ArrivalStage(Link.B, ReceiverSsrc, SenderSsrc);
        _receiverFeedback = new FeedbackScheduler(settings.Tools);
        _assemble = new AssembleStage(Link.B, _receiverFeedback, new ReceiveOptions(ReceiverSsrc, SenderSsrc, Tools: settings.Tools), _playout)
        {
            RoundTripTime = roundTrip,
        };
        _decode = new DecodeStage(settings.Decoder, _present, _receiverFeedback);
        Link.A.Arrived += _feedback.Receive;
        Link.B.Arrived += OnMediaArrived;
    }

    /// <summary>A coded frame is about to be packetized; valid during the call.</summary>
    public event Action<EncodedFrame>? FrameEncoded;

    /// <summary>A frame is whole and has its reference; the instant is its arrival. Valid during the call.</summary>
    public event Action<EncodedFrame, TimeSpan>? FrameArrived;

    /// <summary>A frame was decoded. Valid during the call.</summary>
    public event Action<EncodedFrame>? FrameDecoded;

    /// <summary>The network; its conditions may be changed between two runs.</summary>
    public SimulatedLink Link { get; }

    public TimeSpan Now => _clock.Now;

    /// <summary>What is known of the path; null = it is not measured.</summary>
    public CongestionControl? Congestion { get; }

    public EncodeStage Sending => _encode;

    public ShapeStage Shaping { get; }

    public long BytesSent => _sender.BytesSent;

    public ReceiveStatistics Received => ReceiveStatistics.Read(_assemble, _decode, _present, _playout, packetsOverflowed: 0, framesOverflowed: 0);

    /// <summary>Lets the call go on until <paramref name="end"/>.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (NextEvent() is { } next && next <= end)
        {
            _clock.MoveTo(next > Now ? next : Now);
            Step(Now);
        }

        _clock.MoveTo(end);
    }

    private static TimeSpan? Earliest(params ReadOnlySpan<TimeSpan?> instants)
    {
        TimeSpan? earliest = null;
        foreach (TimeSpan? instant in instants)
        {
            earliest = earliest is null || instant < earliest ? instant ?? earliest : earliest;
        }

        return earliest;
    }

    private TimeSpan? NextEvent() => Earliest(
        _codedAt ?? _nextCapture, _sender.NextSend, Link.NextArrival, _assemble.NextPoll, _arrivals.NextPoll, _decoding is null ? null : _decodedAt, _present.NextPresentation);

    private void Step(TimeSpan now)
    {
        Link.Deliver(now);
        Capture(now);
        if (_codedAt <= now)
        {
            _codedAt = null;
            FrameEncoded?.Invoke(_encode.Coded);
            if (!_sender.TryQueue(_encode.Coded, now, _encode.CodedIsRepair))
            {
                _references.FrameUnsent();
            }
        }

        _sender.SendDue(now);
        _assemble.Poll(now);
        TakeFrames(now);
        Decode(now);
        _present.Present(now);
        _assemble.AskForHelp(_whole.Count, now);
        _arrivals.Poll(now);
    }

    private void Capture(TimeSpan now)
    {
        if (!(_nextCapture <= now) || _codedAt is not null)
        {
            return;
        }

        if (!_settings.Source.TryRead(_captured))
        {
            _nextCapture = null;
            return;
        }

        _captured.CaptureTime = now;
        _nextCapture = now + _settings.Source.Rate.Interval;
        if (_encode.Encode(_captured, now) == EncodeOutcome.Coded)
        {
            _codedAt = now + _settings.EncodeTime;
        }
    }

    private void OnMediaArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        _arrivals.Receive(packet, arrival);
        _assemble.Receive(packet, arrival);
        TakeFrames(arrival);
    }

    private void TakeFrames(TimeSpan now)
    {
        while (true)
        {
            EncodedFrame frame = _free.TryPop(out EncodedFrame? used) ? used : new EncodedFrame();
            if (!_assemble.TryTake(frame, now))
            {
                _free.Push(frame);
                return;
            }

            _receiverFeedback.FrameQueued(frame.Type);
            FrameArrived?.Invoke(frame, now);
            _whole.Enqueue(frame);
        }
    }

    private void Decode(TimeSpan now)
    {
        while (true)
        {
            if (_decoding is not null)
            {
                if (_decodedAt > now)
                {
                    return;
                }

                if (_decodedPicture)
                {
                    FrameDecoded?.Invoke(_decoding);
                    _playout.Decoded(_settings.DecodeTime, now);
                    _present.Add(_decoding, now);
                    _present.Present(now);
                }

                _free.Push(_decoding);
                _decoding = null;
            }

            if (!_whole.TryDequeue(out _decoding))
            {
                return;
            }

            _decodedPicture = _decode.Decode(_decoding);
            _decodedAt = now + _settings.DecodeTime;
        }
    }
}
