using MlvcRtc.Rtp;
using MlvcRtc.WebRtc.Dtls;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>One m-line's way through the shared transport.</summary>
internal sealed class ChannelLink(DatagramOut send) : IPacketLink
{
    public event PacketArrived? Arrived;

    public void Send(ReadOnlySpan<byte> packet) => send(packet);

    public void Deliver(ReadOnlySpan<byte> packet, TimeSpan arrival) => Arrived?.Invoke(packet, arrival);
}
