using MlvcRtc.Rtp.Packets;
using MlvcRtc.WebRtc.Dtls;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>The channels that share one transport, and who of them gets what arrives: RTP the one it belongs to, RTCP all. One thread delivers at a time.</summary>
/// <param name="send">Takes whole packets of every channel.</param>
internal sealed class ChannelBundle(DatagramOut send)
{
    private readonly Dictionary<string, MediaChannel> _byMid = [];
    private volatile Routing _routing = new([], new([], []));

    /// <summary>In the order of the m-lines.</summary>
    public IReadOnlyList<MediaChannel> Channels { get; private set; } = [];

    /// <summary>Takes over what was agreed. Channels of before stay the same objects: a later offer changes paths, not codecs.</summary>
    /// <param name="slots">All m-lines; those that were not agreed on have no channel.</param>
    /// <param name="canonicalName">CNAME of this side.</param>
    public void Agree(IReadOnlyList<MediaSlot> slots, string canonicalName)
    {
        MediaSlot[] agreed = [.. slots.Where(static slot => slot.Agreed is not null)];
        if (Channels.Count == agreed.Length)
        {
            return;
        }

        foreach (MediaSlot slot in agreed)
        {
            AgreedMedia one = slot.Agreed!;
            _byMid.TryAdd(slot.Mid, new(slot.Own!.Kind, one.Format, one.RemoteParameters, one.Extensions, slot.LocalSsrc, one.RemoteSsrc, new ChannelLink(send)) { CanonicalName = canonicalName });
        }

        Channels = [.. agreed.Select(slot => _byMid[slot.Mid])];
        ChannelLink[] links = [.. Channels.Select(static channel => (ChannelLink)channel.Link)];
        _routing = new(
            links,
            new(
                [.. agreed.Zip(links, static (slot, link) => Route.Of(link, slot))],
                agreed.Zip(links).SelectMany(static one => one.First.Theirs!.Sources.Select(ssrc => (ssrc, one.Second)))));
    }

    /// <param name="packet">RTP or RTCP in the clear.</param>
    public void Deliver(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        Routing routing = _routing;
        if (PacketDemux.Classify(packet) == PacketKind.Rtcp)
        {
            foreach (ChannelLink link in routing.Links)
            {
                link.Deliver(packet, arrival);
            }
        }
        else if (RtpPacket.TryParse(packet, out RtpPacket parsed))
        {
            routing.Rtp.Find(parsed)?.Deliver(packet, arrival);
        }
    }

    /// <summary>Swapped whole, for another thread delivers.</summary>
    private sealed record Routing(ChannelLink[] Links, PacketRouting Rtp);
}
