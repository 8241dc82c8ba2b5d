using MlvcRtc.Call.Scheduling;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// What the receiver says of our stream, letter a: reads RTCP and passes it on to whom it concerns. Time comes in. One thread at a time.
/// <code>
/// MLVC · RPSI · PLI · FIR ─► ReferenceGate    MLVC (load) ─► MachineLimit
///     NACK ─► PacedSender      transport feedback ─► CongestionControl ─► loss, RTT ─► both
/// </code>
/// </summary>
/// <param name="congestion">Takes the transport feedback; null = the sender does not measure its path.</param>
/// <param name="machine">Hears of the receiver's load; null = nobody does.</param>
public sealed class FeedbackStage(
    ReferenceGate references, PacedSender sender, uint ssrc, CongestionControl? congestion = null, RecoveryTools tools = RecoveryTools.All, MachineLimit? machine = null)
{
    private readonly Counter _requests = new();
    private readonly Counter _nacked = new();
    private readonly Counter _referenceMessages = new();
    private byte? _lastDemand;

    /// <summary>PLIs and FIRs that came in for our stream.</summary>
    public long KeyFrameRequests => _requests.Value;

    /// <summary>Packets asked for by NACK; repeats count.</summary>
    public long PacketsRequested => _nacked.Value;

    /// <summary>Messages on references that were news.</summary>
    public long ReferenceMessages => _referenceMessages.Value;

    /// <summary>Passes a round trip on that was measured elsewhere.</summary>
    public TimeSpan RoundTripTime
    {
        set
        {
            references.RoundTripTime = value;
            sender.RoundTripTime = value;
        }
    }

    /// <summary>A datagram arrived; anything but RTCP about our stream is passed over.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (PacketDemux.Classify(datagram) != PacketKind.Rtcp)
        {
            return;
        }

        RtcpReader reader = new(datagram);
        while (reader.TryNext(out RtcpPacket packet))
        {
            Receive(packet, arrival);
        }
    }

    private void Receive(RtcpPacket packet, TimeSpan arrival)
    {
        if (ReferenceFeedback.TryRead(packet, out ReferenceFeedback word))
        {
            if (word.MediaSsrc == ssrc)
            {
                machine?.DecoderIs(word.DecoderIsCongested, arrival);
                _referenceMessages.Add(references.Receive(word, arrival) ? 1 : 0);
            }
        }
        else if (GenericNack.TryRead(packet, out GenericNack nack))
        {
            if (nack.MediaSsrc == ssrc && (tools & RecoveryTools.Retransmission) != 0)
            {
                Resend(nack, arrival);
            }
        }
        else if (TransportFeedback.TryRead(packet, out TransportFeedback feedback))
        {
            if (feedback.MediaSsrc == ssrc && congestion is not null)
            {
                congestion.Receive(feedback, arrival);
                if (congestion.LossRatio is { } loss)
                {
                    references.LossMeasured(loss, arrival);
                }

                RoundTripTime = congestion.RoundTripTime ?? ReferencePolicy.DefaultRoundTripTime;
            }
        }
        else if (PictureLossIndication.TryRead(packet, out PictureLossIndication pli))
        {
            if (pli.MediaSsrc == ssrc)
            {
                _requests.Add();
                references.PictureLost(arrival);
            }
        }
        else if (FullIntraRequest.TryRead(packet, ssrc, out FullIntraRequest demand))
        {
            // RFC 5104 §4.3.1.1: the same number is the same demand, repeated.
            if (demand.SequenceNumber != _lastDemand)
            {
                _lastDemand = demand.SequenceNumber;
                _requests.Add();
                references.KeyFrameRequested(arrival);
            }
        }
        else if (ReferencePictureSelection.TryRead(packet, out ReferencePictureSelection selection) && selection.MediaSsrc == ssrc)
        {
            references.ReferenceConfirmed(selection.FrameId);
        }
    }

    private void Resend(GenericNack nack, TimeSpan arrival)
    {
        foreach (ushort sequenceNumber in nack)
        {
            _nacked.Add();
            sender.Resend(sequenceNumber, arrival);
        }
    }
}
