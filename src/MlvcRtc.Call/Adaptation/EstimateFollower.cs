using MlvcRtc.Rtp.Congestion;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Call.Adaptation;

/// <summary>Turns what the path carries into what the video may use: the estimate less what headers cost. One thread at a time.</summary>
internal sealed class EstimateFollower(TargetRate rate)
{
    /// <summary>Of every packet: IP and UDP, RTP header, header extension, payload descriptor.</summary>
    private const int HeaderBytes = SentPackets.IpUdpBytes + RtpPacket.HeaderBytes + TransportSequence.SizeBytes + PayloadDescriptor.BaseBytes;

    /// <summary>Weight of the newest packet in the mean size: about two seconds at 30 frames/s and a packet a frame.</summary>
    private const double Gain = 1.0 / 64;

    // Until packets are seen, half of the largest.
    private double _packetBytes = Packetizer.MaxPacketBytes / 2.0;

    /// <summary>A packet of the video left.</summary>
    /// <param name="sizeBytes">IP and UDP headers included.</param>
    public void PacketSent(int sizeBytes) => _packetBytes += Gain * (sizeBytes - _packetBytes);

    /// <summary>The path carries so much.</summary>
    public void Follow(double estimateKbps)
    {
        double videoShare = 1 - (HeaderBytes / Math.Max(_packetBytes, 2 * HeaderBytes));
        rate.Kbps = estimateKbps * videoShare;
    }
}
