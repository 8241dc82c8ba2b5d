namespace MlvcRtc.Rtp;

/// <summary>The socket for a network: whole RTP and RTCP packets, unreliable, unordered. Implemented by WebRTC peers and by the lab's simulated link.</summary>
public interface IPacketLink
{
    /// <summary>A packet arrived. The bytes are valid during the call only; the time is the link's clock at arrival. Handlers must not block.</summary>
    event PacketArrived? Arrived;

    /// <summary>Sends one packet (RTP, or RTCP as told apart by RFC 5761 §4). Copies what it needs before returning; never blocks.</summary>
    void Send(ReadOnlySpan<byte> packet);
}

/// <param name="packet">RTP or RTCP, starting at its first header byte.</param>
/// <param name="arrival">On the clock of the link, from an arbitrary origin.</param>
public delegate void PacketArrived(ReadOnlySpan<byte> packet, TimeSpan arrival);
