using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Reassembly;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Steps 7 and 8: RTP packets in, whole frames out, and requests for help to the sender. Pure but for the link; time comes
/// in. One thread at a time. After each call take all frames, then call <see cref="AskForHelp"/>.
/// </summary>
/// <param name="ownSsrc">Who we are in the requests.</param>
/// <param name="remoteSsrc">The stream to receive; null = the first one that comes.</param>
/// <param name="tools">What may be asked of the sender.</param>
/// <param name="playout">Learns when packets come; null = nobody wants to know.</param>
public sealed class AssembleStage(
    IPacketLink link,
    KeyFrameRequester requester,
    uint ownSsrc,
    uint? remoteSsrc,
    byte payloadType,
    RecoveryTools tools = RecoveryTools.All,
    SharedPlayoutClock? playout = null)
{
    private readonly FrameAssembler _assembler = new();
    private readonly SequenceUnwrapper _sequence = new();
    private readonly byte[] _request = new byte[PictureLossIndication.SizeBytes];
    private readonly Counter _packets = new();
    private readonly Counter _bytes = new();
    private readonly Counter _rejected = new();
    private readonly Counter _duplicates = new();
    private readonly Counter _framesLost = new();
    private readonly Counter _requests = new();
    private uint? _remoteSsrc = remoteSsrc;
    private long? _firstSequence;
    private long _highestSequence;
    private long _packetsExpected;

    /// <summary>RTP packets of our stream, duplicates included.</summary>
    public long PacketsReceived => _packets.Value;

    /// <summary>RTP packets with their headers.</summary>
    public long BytesReceived => _bytes.Value;

    /// <summary>Packets of another stream, malformed ones and contradictions.</summary>
    public long PacketsRejected => _rejected.Value;

    /// <summary>Holes in the sequence numbers (RFC 3550 A.3: expected - received), at present.</summary>
    public long PacketsLost => Math.Max(0, Interlocked.Read(ref _packetsExpected) - (_packets.Value - _duplicates.Value));

    /// <summary>Frames given up: never whole, or without their reference.</summary>
    public long FramesLost => _framesLost.Value;

    public long RequestsSent => _requests.Value;

    /// <summary>When <see cref="Poll"/> should be called though no packet came; null = no need.</summary>
    public TimeSpan? NextPoll
    {
        get
        {
            TimeSpan? hole = _assembler.NextPoll;
            TimeSpan? request = (tools & RecoveryTools.KeyFrame) != 0 ? requester.NextRequest : null;
            return hole is null || request < hole ? request : hole;
        }
    }

    /// <summary>Measured by the transport.</summary>
    public TimeSpan RoundTripTime
    {
        set
        {
            _assembler.RoundTripTime = value;
            requester.RoundTripTime = value;
            if (playout is not null)
            {
                playout.RoundTripTime = value;
            }
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
            || packet.PayloadType != payloadType
            || (_remoteSsrc is { } expected && packet.Ssrc != expected))
        {
            _rejected.Add();
            return;
        }

        if (packet.Payload.IsEmpty)
        {
            if (_remoteSsrc is not null)
            {
                Count(packet.SequenceNumber, datagram.Length);  // padding that probes the path: part of the stream, not of a frame
            }

            return;
        }

        InsertStatus status = _assembler.Insert(packet, arrival);
        if (status is InsertStatus.Malformed or InsertStatus.Inconsistent or InsertStatus.FrameTooLarge)
        {
            _rejected.Add();
            return;
        }

        _remoteSsrc ??= packet.Ssrc;
        if (status == InsertStatus.Duplicate)
        {
            _duplicates.Add();
        }
        else if (status == InsertStatus.Accepted)
        {
            playout?.PacketArrived(packet, arrival);
        }

        Count(packet.SequenceNumber, datagram.Length);
    }

    /// <summary>Lets time pass.</summary>
    public void Poll(TimeSpan now) => _assembler.Poll(now);

    /// <summary>The next whole frame whose reference was delivered, in decode order.</summary>
    public bool TryTake(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool taken = _assembler.TryTake(frame, now);
        while (_assembler.TryTakeLost(out LostFrames lost))
        {
            _framesLost.Add(lost.Count);
        }

        return taken;
    }

    /// <summary>Sends a PLI when one is due.</summary>
    public void AskForHelp(TimeSpan now)
    {
        requester.NetworkIs(_assembler.Broken);
        if ((tools & RecoveryTools.KeyFrame) != 0 && _remoteSsrc is { } media && requester.TryRequest(now))
        {
            new PictureLossIndication(ownSsrc, media).Write(_request);
            link.Send(_request);
            _requests.Add();
        }
    }

    private void Count(ushort sequenceNumber, int bytes)
    {
        _packets.Add();
        _bytes.Add(bytes);
        long sequence = _sequence.Unwrap(sequenceNumber);
        _firstSequence ??= _highestSequence = sequence;
        _highestSequence = Math.Max(_highestSequence, sequence);
        Interlocked.Exchange(ref _packetsExpected, _highestSequence - _firstSequence.Value + 1);
    }
}
