using Microsoft.Extensions.Hosting;
using MlvcRtc.Call.Scheduling;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Threads;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Playout;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Receiving;

/// <summary>How one stream is received.</summary>
/// <param name="OwnSsrc">Who we are in feedback.</param>
/// <param name="RemoteSsrc">The stream to receive; null = the first one that comes.</param>
/// <param name="Tools">What may be asked of the sender; both ends use the same set.</param>
/// <param name="Playout">How long decoded pictures wait for an even rhythm; null = not at all.</param>
/// <param name="TransportSequenceId">Identifier of the header extension with the transport-wide number, as agreed (SDP <c>a=extmap</c>).</param>
/// <param name="Trace">Gets what became of every frame; null = nobody asks.</param>
public sealed record ReceiveOptions(
    uint OwnSsrc,
    uint? RemoteSsrc = null,
    byte PayloadType = PayloadFormat.DefaultPayloadType,
    RecoveryTools Tools = RecoveryTools.All,
    PlayoutOptions? Playout = null,
    byte TransportSequenceId = TransportSequence.DefaultId,
    TraceTrack? Trace = null);

/// <summary>
/// The receiving half of a call. Three threads of its own, joined by bounded queues:
/// <code>
/// 7 link ─► [512 packets] ─► receive thread: 8 assemble · a c tell the sender ─► [64 frames] ─► decode thread: 9 decode ─► [24 pictures] ─► present thread: 10 present
/// </code>
/// The decoder, the sink and the link stay the caller's. Stop before disposing them.
/// </summary>
public sealed class ReceivePipeline : BackgroundService
{
    /// <summary>Packets that wait for the receive thread: two frames of the largest size. More are dropped as by a full socket.</summary>
    private const int WaitingPackets = 512;

    /// <summary>Frames that wait for the decoder: 640 ms at 100 frames/s. More are dropped, and the sender is told.</summary>
    private const int WaitingFrames = 64;

    private readonly IPacketLink _link;
    private readonly TimeProvider _time;
    private readonly RecyclingQueue<ReceivedPacket> _packets = new(WaitingPackets, static () => new ReceivedPacket());
    private readonly RecyclingQueue<EncodedFrame> _frames = new(WaitingFrames, static () => new EncodedFrame());
    private readonly WakeSignal _presentWake = new();
    private readonly EncodedFrame _overflow = new();
    private readonly FeedbackScheduler _feedback;
    private readonly ArrivalStage _arrivals;
    private readonly AssembleStage _assemble;
    private readonly DecodeStage _decode;
    private readonly SharedPlayoutClock _playout;
    private readonly PresentStage _present;
    private readonly ReceiveWatch _watch;
    private readonly DecodeAdmission _admission = new();
    private readonly Counter _packetsOverflowed = new();
    private readonly Counter _framesOverflowed = new();
    private long _roundTripTicks = 100 * TimeSpan.TicksPerMillisecond;

    public ReceivePipeline(IVideoDecoder decoder, IVideoSink sink, IPacketLink link, ReceiveOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _link = link;
        _time = time;
        _arrivals = new ArrivalStage(link, options.OwnSsrc, options.RemoteSsrc, options.TransportSequenceId);
        _playout = new SharedPlayoutClock(options.Playout ?? PlayoutOptions.Immediate);
        _feedback = new FeedbackScheduler(options.Tools);
        _assemble = new AssembleStage(link, _feedback, options, _playout);
        _watch = new ReceiveWatch(options.Trace);
        _present = new PresentStage(sink, _playout, _watch);
        _decode = new DecodeStage(decoder, _present, _feedback);
    }

    public ReceiveStatistics Statistics =>
        ReceiveStatistics.Read(_assemble, _decode, _present, _playout, _packetsOverflowed.Value, _framesOverflowed.Value);

    /// <summary>Times and deadlines of decoding.</summary>
    public ReceiveWatch Watch => _watch;

    /// <summary>A frame was decoded, on the decode thread, before it is shown; valid during the call. Handlers must be quick.</summary>
    public event Action<EncodedFrame>? FrameDecoded;

    /// <summary>Measured by the transport; 100 ms until then. Taken over before the next packet.</summary>
    public TimeSpan RoundTripTime
    {
        get => new(Interlocked.Read(ref _roundTripTicks));
        set => Interlocked.Exchange(ref _roundTripTicks, value.Ticks);
    }

    /// <summary>When pictures are shown.</summary>
    public SharedPlayoutClock Playout => _playout;

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
        _packets.Dispose();
        _frames.Dispose();
        _presentWake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await DedicatedThread.RunTogetherAsync(stoppingToken, ("mlvc receive", ReceiveLoop), ("mlvc decode", DecodeLoop), ("mlvc present", PresentLoop)).ConfigureAwait(false);
        }
        finally
        {
            _link.Arrived -= OnArrived;
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private void OnArrived(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        if (PacketDemux.Classify(packet) != PacketKind.Rtp)
        {
            return;
        }

        ReceivedPacket? copy = packet.Length <= ReceivedPacket.MaxBytes ? _packets.Rent() : null;
        if (copy is null)
        {
            _packetsOverflowed.Add();
            return;
        }

        copy.Set(packet, arrival);
        _packets.Publish(copy);
    }

    private void ReceiveLoop(CancellationToken stop)
    {
        PromptThread.Become();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            _assemble.RoundTripTime = RoundTripTime;
            bool more = false;
            for (int taken = 0; taken < WaitingPackets && _packets.TryTake() is { } packet; taken++)
            {
                more = taken + 1 == WaitingPackets;  // a flood must not hold up requests, nor the end
                _watch.Arrived(packet.Bytes, packet.Arrival);
                _arrivals.Receive(packet.Bytes, packet.Arrival);
                _assemble.Receive(packet.Bytes, packet.Arrival);
                _packets.Return(packet);
                PassFrames(packet.Arrival);
            }

            TimeSpan now = MediaClock.Now(_time);
            _assemble.Poll(now);
            PassFrames(now);
            _assemble.AskForHelp(_frames.Count, now);
            _arrivals.Poll(now);
            _packets.Wait(more ? TimeSpan.Zero : Earlier(_assemble.NextPoll, _arrivals.NextPoll) - now, stop);
        }
    }

    private void PassFrames(TimeSpan now)
    {
        while (true)
        {
            EncodedFrame? place = _frames.Rent();
            EncodedFrame frame = place ?? _overflow;
            if (!_assemble.TryTake(frame, now))
            {
                if (place is not null)
                {
                    _frames.Return(place);
                }

                _watch.Lost(_assemble.FramesLost, now);
                return;
            }

            if (place is null)
            {
                _framesOverflowed.Add();
                _watch.Dropped(FrameDrop.Overflow, frame.FrameId, now);
                _feedback.FrameDropped(frame.FrameId);  // the decoder is more than 64 frames behind: start anew
                continue;
            }

            _watch.Whole(frame, now);
            _feedback.FrameQueued(frame.Type);
            _frames.Publish(place);
        }
    }

    private void DecodeLoop(CancellationToken stop)
    {
        InferenceThread.Become();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            EncodedFrame? frame = _frames.TryTake();
            if (frame is null)
            {
                _frames.Wait(null, stop);
                continue;
            }

            Decode(frame, MediaClock.Now(_time));

            if (_decode.HasNews)
            {
                _packets.Wake();  // the receive thread tells the sender
            }

            _frames.Return(frame);
        }
    }

    private void Decode(EncodedFrame frame, TimeSpan begun)
    {
        TimeSpan? due = _playout.DueAt(frame.CaptureTime);
        if (!_admission.Admits(frame, _frames.Count, due, begun))
        {
            _decode.Skip(frame);
            _watch.Dropped(FrameDrop.Deadline, frame.FrameId, begun);
            return;
        }

        bool decoded;
        using (CallMetrics.Activities.StartActivity("decode"))
        {
            decoded = _decode.Decode(frame);
        }

        TimeSpan ready = MediaClock.Now(_time);
        if (!decoded)
        {
            _watch.Dropped(FrameDrop.NotDecodable, frame.FrameId, ready);
            return;
        }

        _admission.Decoded(ready - begun);
        _watch.Decoded(frame, begun, ready, due);
        _playout.Decoded(ready - begun, ready);
        _present.Add(frame, ready);
        FrameDecoded?.Invoke(frame);
        _presentWake.Wake();
    }

    /// <summary>A thread of its own: a picture whose time comes while the next one is decoded does not wait for it.</summary>
    private void PresentLoop(CancellationToken stop)
    {
        PromptThread.Become();
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            _present.Present(MediaClock.Now(_time));
            _presentWake.Wait(_present.NextPresentation - MediaClock.Now(_time), stop);
        }
    }
}
