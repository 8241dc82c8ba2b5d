using MlvcRtc.Call.Statistics;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Call.Sending;

/// <summary>What the receiver says of our stream, letter a: reads RTCP and passes requests on. Time comes in. One thread at a time.</summary>
/// <param name="congestion">Takes the transport feedback; null = the sender does not measure its path.</param>
public sealed class FeedbackStage(KeyFrameGate keyFrames, uint ssrc, CongestionControl? congestion = null)
{
    private readonly Counter _requests = new();

    /// <summary>PLIs that came in for our stream.</summary>
    public long KeyFrameRequests => _requests.Value;

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
            if (PictureLossIndication.TryRead(packet, out PictureLossIndication pli) && pli.MediaSsrc == ssrc)
            {
                _requests.Add();
                keyFrames.Request(arrival);
            }
            else if (TransportFeedback.TryRead(packet, out TransportFeedback feedback) && feedback.MediaSsrc == ssrc)
            {
                congestion?.Receive(feedback, arrival);
            }
        }
    }
}
