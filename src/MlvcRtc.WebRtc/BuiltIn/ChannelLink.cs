using MlvcRtc.Rtp;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>One m-line's way through the shared transport.</summary>
internal sealed class ChannelLink(MediaTransport transport) : IPacketLink
{
    public event PacketArrived? Arrived;

    public void Send(ReadOnlySpan<byte> packet) => transport.Send(packet);

    public void Deliver(ReadOnlySpan<byte> packet, TimeSpan arrival) => Arrived?.Invoke(packet, arrival);
}
