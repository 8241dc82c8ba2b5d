using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc.Dtls;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>The channels that share one transport, and who of them gets what arrives: RTP the one it belongs to, RTCP all. One thread delivers at a time.</summary>
internal sealed class ChannelBundle
{
    private readonly ChannelLink[] _links;
    private readonly PacketRouting _routing;

    /// <param name="slots">Those that were agreed on.</param>
    /// <param name="send">Takes whole packets of every channel.</param>
    public ChannelBundle(IReadOnlyList<MediaSlot> slots, DatagramOut send)
    {
        _links = [.. slots.Select(_ => new ChannelLink(send))];
        _routing = new(
            [.. slots.Zip(_links, static (slot, link) => Route.Of(link, slot))],
            slots.Zip(_links).SelectMany(static one => one.First.Theirs!.Sources.Select(ssrc => (ssrc, one.Second))));
        Channels = [.. slots.Zip(_links, static (slot, link) => new MediaChannel(
            slot.Own!.Kind, slot.Agreed!.Format, slot.Agreed.RemoteParameters, slot.Agreed.Extensions, slot.LocalSsrc, slot.Agreed.RemoteSsrc, link))];
    }

    public IReadOnlyList<MediaChannel> Channels { get; }

    /// <param name="packet">RTP or RTCP in the clear.</param>
    public void Deliver(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        if (PacketDemux.Classify(packet) == PacketKind.Rtcp)
        {
            foreach (ChannelLink link in _links)
            {
                link.Deliver(packet, arrival);
            }
        }
        else if (RtpPacket.TryParse(packet, out RtpPacket parsed))
        {
            _routing.Find(parsed)?.Deliver(packet, arrival);
        }
    }
}
