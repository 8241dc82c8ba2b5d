using MlvcRtc.Rtp;
using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Letter b at the receiver: notes the arrival of every numbered packet, media, retransmission or probe, and sends transport feedback. A sender that
/// numbers nothing gets none. Pure but for the link; time comes in. One thread at a time.
/// </summary>
/// <param name="ownSsrc">Who we are in the feedback.</param>
/// <param name="remoteSsrc">The stream to receive; null = the first one that comes.</param>
/// <param name="transportSequenceId">Identifier of the header extension with the number, as agreed.</param>
public sealed class ArrivalStage(IPacketLink link, uint ownSsrc, uint? remoteSsrc, byte transportSequenceId = TransportSequence.DefaultId)
{
    private readonly ArrivalLog _log = new(ownSsrc);
    private readonly byte[] _message = new byte[TransportFeedbackWriter.MaxBytes];
    private uint? _remoteSsrc = remoteSsrc;

    /// <summary>When <see cref="Poll"/> has something to send; null = no need.</summary>
    public TimeSpan? NextPoll => _log.NextReport;

    /// <summary>A datagram arrived; anything but numbered RTP of our stream is passed over.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (PacketDemux.Classify(datagram) == PacketKind.Rtp
            && RtpPacket.TryParse(datagram, out RtpPacket packet)
            && packet.Ssrc == (_remoteSsrc ?? packet.Ssrc)
            && TransportSequence.TryRead(packet.Extension, out ushort number, transportSequenceId))
        {
            _remoteSsrc = packet.Ssrc;
            _log.Add(number, datagram.Length, arrival);
        }
    }

    /// <summary>Sends the feedback that is due.</summary>
    public void Poll(TimeSpan now)
    {
        while (_remoteSsrc is { } media && _log.TryWrite(_message, media, now, out int length))
        {
            link.Send(_message.AsSpan(0, length));
        }
    }
}
