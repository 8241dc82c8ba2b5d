using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reassembly;
using MlvcRtc.Rtp.Recovery;
using MlvcRtc.Rtp.Retransmission;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Steps 7 and 8: RTP packets in, whole frames out, and to the sender what is broken and kept (letter a) and missing (c). Pure but for the link; time comes
/// in. One thread at a time. After each call take all frames, then call <see cref="AskForHelp"/>.
/// </summary>
public sealed class AssembleStage
{
    private readonly IPacketLink _link;
    private readonly FeedbackScheduler _feedback;
    private readonly ReceiveOptions _options;
    private readonly SharedPlayoutClock _playout;
    private readonly FrameAssembler _assembler = new();
    private readonly MissingPackets _missing;
    private readonly SequenceLedger _ledger = new();
    private readonly byte[] _message = new byte[GenericNack.MaxBytes];
    private readonly ushort[] _wanted = new ushort[GenericNack.MaxSequenceNumbers];
    private readonly Counter _packets = new();
    private readonly Counter _bytes = new();
    private readonly Counter _rejected = new();
    private readonly Counter _framesLost = new();
    private readonly Counter _keyFrameRequests = new();
    private readonly Counter _feedbackSent = new();
    private readonly Counter _nacks = new();
    private readonly Counter _retransmissions = new();
    private readonly Counter _retransmissionsLate = new();
    private uint? _remoteSsrc;

    /// <param name="playout">Learns when packets come, and tells which repairs come in time.</param>
    public AssembleStage(IPacketLink link, FeedbackScheduler feedback, ReceiveOptions options, SharedPlayoutClock playout)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(playout);
        _link = link;
        _feedback = feedback;
        _options = options;
        _playout = playout;
        _remoteSsrc = options.RemoteSsrc;
        _missing = new MissingPackets(_assembler, options.Tools);
        _assembler.DeadlineOf = Uses(RecoveryTools.Retransmission) ? playout.DeadlineOf : null;
    }

    /// <summary>RTP packets of our stream, duplicates included.</summary>
    public long PacketsReceived => _packets.Value;

    /// <summary>RTP packets with their headers.</summary>
    public long BytesReceived => _bytes.Value;

    /// <summary>Packets of another stream, malformed ones and contradictions.</summary>
    public long PacketsRejected => _rejected.Value;

    /// <summary>Sequence numbers that did not come, at present (RFC 3550 A.3, duplicates not counted).</summary>
    public long PacketsLost => _ledger.Lost;

    /// <summary>Frames given up: never whole, or without their reference.</summary>
    public long FramesLost => _framesLost.Value;

    /// <summary>PLIs, and messages with NEED_INTRA.</summary>
    public long KeyFrameRequests => _keyFrameRequests.Value;

    /// <summary>MLVC feedback messages.</summary>
    public long FeedbackSent => _feedbackSent.Value;

    /// <summary>Packets asked for again, each time counted.</summary>
    public long NacksSent => _nacks.Value;

    /// <summary>Packets that came again under a new number.</summary>
    public long RetransmissionsReceived => _retransmissions.Value;

    /// <summary>Those of them whose frame was past or had the fragment.</summary>
    public long RetransmissionsLate => _retransmissionsLate.Value;

    /// <summary>
    /// How long losses stopped the stream: from the arrival that the first lost frame would have had, by the cadence of those before it, to the delivery of the
    /// first frame after (or of itself, repaired).
    /// </summary>
    public RunningPercentiles RecoveryTimes { get; } = new();

    /// <summary>When <see cref="Poll"/> and <see cref="AskForHelp"/> should be called though no packet came; null = no need.</summary>
    public TimeSpan? NextPoll => Earlier(Earlier(_assembler.NextPoll, _missing.NextRequest), _feedback.NextMessage);

    /// <summary>Measured by the transport.</summary>
    public TimeSpan RoundTripTime
    {
        set
        {
            _assembler.RoundTripTime = value;
            _feedback.RoundTripTime = value;
            _playout.RoundTripTime = value;
        }
    }

    /// <summary>A datagram arrived; anything but RTP of our stream is passed over.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (PacketDemux.Classify(datagram) != PacketKind.Rtp)
        {
            return;
        }

        if (!RtpPacket.TryParse(datagram, out RtpPacket packet)
            || packet.PayloadType != _options.PayloadType
            || (_remoteSsrc is { } expected && packet.Ssrc != expected))
        {
            _rejected.Add();
            return;
        }

        bool padding = packet.Payload.IsEmpty;
        PacketPosition position = default;
        InsertStatus status = padding ? InsertStatus.Malformed : _assembler.Insert(packet, arrival, out position);
        bool refused = status is InsertStatus.Malformed or InsertStatus.Inconsistent or InsertStatus.FrameTooLarge;
        if (refused && !padding)
        {
            _rejected.Add();
        }

        if (_remoteSsrc is null && refused)
        {
            return;  // a stream begins with a packet that makes sense
        }

        _remoteSsrc ??= packet.Ssrc;
        _ledger.Add(packet.SequenceNumber);
        bool again = status != InsertStatus.TooFarAhead && _missing.Received(packet.SequenceNumber, refused ? null : position, arrival);
        if (refused && !padding)
        {
            return;
        }

        if (status == InsertStatus.Accepted && !again)
        {
            _playout.PacketArrived(packet, arrival);
        }

        _packets.Add();
        _bytes.Add(datagram.Length);
        _retransmissions.Add(again ? 1 : 0);
        _retransmissionsLate.Add(again && status != InsertStatus.Accepted ? 1 : 0);
    }

    /// <summary>Lets time pass.</summary>
    public void Poll(TimeSpan now) => _assembler.Poll(now);

    /// <summary>The next whole frame whose reference was delivered, in decode order. The caller says what becomes of it to the <see cref="FeedbackScheduler"/>.</summary>
    public bool TryTake(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool taken = _assembler.TryTake(frame, now);
        while (_assembler.TryTakeLost(out LostFrames lost))
        {
            _framesLost.Add(lost.Count);
        }

        if (_assembler.RecoveredAfter is { } recoveryTime)
        {
            RecoveryTimes.Add(recoveryTime);
        }

        return taken;
    }

    /// <summary>Sends what is due: which packets are missing, and what is broken and kept.</summary>
    /// <param name="waiting">Whole frames that wait for the decoder.</param>
    public void AskForHelp(int waiting, TimeSpan now)
    {
        if (_remoteSsrc is not { } media)
        {
            return;
        }

        _missing.DecoderIsCongested = _feedback.DecoderHas(waiting, now);
        bool resends = Uses(RecoveryTools.Retransmission);
        if (resends && _missing.Collect(now, _wanted) is > 0 and int count)
        {
            Request(media, count);
        }

        bool broken = _assembler.Broken;
        bool overdue = _assembler.Overdue && Uses(RecoveryTools.References);
        if (resends && (overdue || broken) && _missing.Suspect(now, _wanted) is > 0 and int suspected)
        {
            Request(media, suspected);
        }

        broken |= overdue && !resends;
        _feedback.NetworkIs(broken && !_missing.AwaitsRepair(now), _assembler.NewestFrameId);
        if (_feedback.TryTake(now, out ReferenceFeedback message))
        {
            Send(message with { SenderSsrc = _options.OwnSsrc, MediaSsrc = media });
        }
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other : one;

    private bool Uses(RecoveryTools tool) => (_options.Tools & tool) != 0;

    private void Request(uint media, int count)
    {
        _link.Send(_message.AsSpan(0, GenericNack.Write(_message, _options.OwnSsrc, media, _wanted.AsSpan(0, count))));
        _nacks.Add(count);
    }

    private void Send(in ReferenceFeedback message)
    {
        bool references = Uses(RecoveryTools.References);
        int length = references ? message.Write(_message) : new PictureLossIndication(message.SenderSsrc, message.MediaSsrc).Write(_message);
        _link.Send(_message.AsSpan(0, length));
        _feedbackSent.Add(references ? 1 : 0);
        _keyFrameRequests.Add(!references || message.NeedsIntra ? 1 : 0);
    }
}
