using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Rtp.Playout;

/// <summary>
/// Says when a picture is shown: capture time on the sender's clock + base + delay.
/// <para>The base is the least time from capture to arrival that was seen lately: it holds the unknown offset of the two clocks and follows their
/// drift and the path. The delay covers how much later most frames come (jitter), and decoding; it rises at once, because a picture that comes too
/// late is a visible jerk, and falls slowly, because nobody sees a clock that is 4 % fast.</para>
/// A quantile over a sliding window is the method of Moon, Kurose and Towsley ("Packet audio playback delay adjustment", Multimedia Systems 6, 1998).
/// Decoding never waits for this clock; only presentation does. Time comes in. One thread at a time.
/// </summary>
public sealed class PlayoutClock
{
    /// <summary>Share of frames that should be in time: the quantile of libwebrtc's NetEq (DelayManager, 0.95). At 30 frames/s three pictures in two seconds may come late, or all of half a second in ten: a machine that stood still once delays nothing after it.</summary>
    private const double InTimeShare = 0.95;

    /// <summary>Frames remembered at most: the window at 100 frames/s.</summary>
    private const int Capacity = 1024;

    /// <summary>How far back base and jitter look. Two clocks 100 ppm apart drift 1 ms in it; a path that grew longer for good is the new base after it.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>A frame this much earlier or later than the one before comes from a sender that set its clock anew: longer than a network keeps packets.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(5);

    /// <summary>Asking, sending and receiving a lost packet again: round trip + this (payload format §6).</summary>
    private static readonly TimeSpan RepairMargin = TimeSpan.FromMilliseconds(10);

    /// <summary>Repairs that need longer are not waited for: above it a frame from an older reference is the better remedy.</summary>
    private static readonly TimeSpan LongestCoveredRepair = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest frame interval that is believed when a repair is planned for.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The delay falls by 40 ms in a second: the picture runs 4 % fast, 1.3 ms a frame at 30 frames/s. Ours; libwebrtc allows 100 ms a second. With 10 ms a call that began
    /// with jitter (two processes on one busy machine, 180 ms of it) was 18 s later still 30 ms behind what it needed.
    /// </summary>
    private const double FallPerSecond = 0.04;

    private readonly PlayoutOptions _options;
    private readonly SlidingQuantile _transits = new(Window, Capacity);
    private readonly SlidingQuantile _decodeTimes = new(Window, Capacity);
    private SequenceUnwrapper _sequence = new();
    private long _newestSequence = -1;
    private TimeSpan? _newestCapture;
    private TimeSpan _lastTransit;
    private TimeSpan _lastGap;       // between the captures of the two newest frames
    private TimeSpan _interval;      // the smaller of the last two gaps: a lost frame makes one gap larger
    private TimeSpan? _packetMissed; // when a gap in the sequence numbers was last seen
    private TimeSpan? _offset;       // base + delay
    private TimeSpan _updated;

    /// <exception cref="ArgumentOutOfRangeException">A bound is negative, or the upper one below the lower one.</exception>
    public PlayoutClock(PlayoutOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MinDelay, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxDelay, options.MinDelay, nameof(options));
        _options = options;
        Delay = options.MinDelay;
    }

    /// <summary>From the arrival that an undelayed frame has to its presentation, MinDelay .. MaxDelay. A repair that takes longer comes too late.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Measured by the transport; 100 ms until then (libwebrtc's default).</summary>
    public TimeSpan RoundTripTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>On top of <see cref="Delay"/>, so that the sound comes with the picture (<see cref="LipSync"/>).</summary>
    public TimeSpan Hold { get; set; }

    private bool CoversRepair =>
        _options.CoversRetransmission && _packetMissed is not null && RoundTripTime + RepairMargin <= LongestCoveredRepair;

    /// <summary>
    /// A packet arrived, for the first time, and was accepted. Only the last packet of a frame is timed. Not timed are retransmissions (a new sequence
    /// number, an old timestamp), which would make jitter of what is loss, and key frames, which are late by their size and rare.
    /// </summary>
    /// <param name="arrival">Not before that of the previous call.</param>
    public void PacketArrived(in RtpPacket packet, TimeSpan arrival)
    {
        if (PayloadDescriptor.Read(packet.Payload, out PayloadDescriptor descriptor) != DescriptorStatus.Ok)
        {
            return;
        }

        long sequence = _sequence.Unwrap(packet.SequenceNumber);
        TimeSpan capture = RtpTimestamp.ToTimeSpan(packet.Timestamp, near: _newestCapture ?? arrival);
        bool isRetransmission = sequence > _newestSequence && capture < _newestCapture;
        NoteLoss(sequence, arrival);
        if (descriptor.FragmentIndex != descriptor.LastFragment || isRetransmission)
        {
            return;
        }

        TimeSpan transit = arrival - capture;
        if (_newestCapture is { } newest && (transit - _lastTransit).Duration() > ClockStep)
        {
            StartOver(sequence);
        }
        else if (_newestCapture is { } before && capture > before)
        {
            TimeSpan gap = capture - before < LongestInterval ? capture - before : LongestInterval;
            _interval = gap < _lastGap ? gap : _lastGap;
            _lastGap = gap;
        }

        _lastTransit = transit;
        _newestCapture = _newestCapture is { } last && last > capture ? last : capture;
        if (descriptor.Type != FrameType.Intra || _transits.Count == 0)
        {
            _transits.Add(arrival, transit);
        }

        Update(arrival);
    }

    /// <summary>A frame was decoded, which took this long.</summary>
    public void Decoded(TimeSpan duration, TimeSpan now) => _decodeTimes.Add(now, duration);

    /// <summary>When the picture is shown: at the earliest now, at the latest MaxDelay and Hold after it is ready, whatever the timestamps say.</summary>
    /// <param name="captureTime">As the frame carries it.</param>
    /// <param name="ready">When it was decoded.</param>
    public TimeSpan PresentAt(TimeSpan captureTime, TimeSpan ready)
    {
        TimeSpan due = DueAt(captureTime) ?? ready;
        TimeSpan latest = ready + _options.MaxDelay + Hold;
        return due < ready ? ready : due > latest ? latest : due;
    }

    /// <summary>By when a frame must be whole to be decoded and shown in time; null before the first frame. A repair that arrives later does not help this picture, only those that refer to it.</summary>
    /// <param name="captureTime">As the frame carries it.</param>
    public TimeSpan? DeadlineOf(TimeSpan captureTime) => DueAt(captureTime) - _decodeTimes.At(InTimeShare);

    /// <summary>When what was captured at this RTP time is shown, but for <see cref="Hold"/>; null before the first frame.</summary>
    public TimeSpan? PlayedAt(uint rtpTime) => _offset is { } offset && _newestCapture is { } newest ? RtpTimestamp.ToTimeSpan(rtpTime, near: newest) + offset : null;

    /// <summary>When the picture should be shown, whether it is ready by then or not; null before the first frame.</summary>
    /// <param name="captureTime">As the frame carries it.</param>
    public TimeSpan? DueAt(TimeSpan captureTime) => PlayedAt(RtpTimestamp.FromTimeSpan(captureTime)) + Hold;  // the same circle of timestamps as here

    private void NoteLoss(long sequence, TimeSpan arrival)
    {
        if (_newestSequence >= 0 && sequence > _newestSequence + 1)
        {
            _packetMissed = arrival;
        }
        else if (arrival - _packetMissed > Window)
        {
            _packetMissed = null;
        }

        _newestSequence = Math.Max(_newestSequence, sequence);
    }

    private void Update(TimeSpan now)
    {
        TimeSpan least = _transits.Least;
        TimeSpan late = _transits.At(InTimeShare) - least;
        TimeSpan repair = CoversRepair ? RoundTripTime + RepairMargin + _interval : TimeSpan.Zero;  // the hole shows when the next frame comes
        TimeSpan wanted = (late > repair ? late : repair) + _decodeTimes.At(InTimeShare);
        TimeSpan goal = least + (wanted < _options.MinDelay ? _options.MinDelay : wanted > _options.MaxDelay ? _options.MaxDelay : wanted);
        if (_offset is { } offset && offset > goal)
        {
            TimeSpan fallen = offset - ((now - _updated) * FallPerSecond);
            TimeSpan most = least + _options.MaxDelay;
            fallen = fallen > most ? most : fallen;
            goal = fallen > goal ? fallen : goal;
        }

        _offset = goal;
        _updated = now;
        Delay = goal - least;
    }

    private void StartOver(long sequence)
    {
        _transits.Clear();
        _newestCapture = null;
        _offset = null;
        _newestSequence = sequence;
    }
}
