using System.Text;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>By what packets of one m-line are known.</summary>
/// <param name="Mid">The bytes of its mid.</param>
/// <param name="MidExtensionId">Identifier of urn:ietf:params:rtp-hdrext:sdes:mid; 0 = not agreed.</param>
internal sealed record Route(ChannelLink Link, byte[] Mid, byte MidExtensionId, byte PayloadType)
{
    public const string MidUri = "urn:ietf:params:rtp-hdrext:sdes:mid";

    public static Route Of(ChannelLink link, MediaSlot slot) => new(
        link,
        Encoding.ASCII.GetBytes(slot.Mid),
        slot.Agreed!.Extensions.TryGetValue(MidUri, out byte id) ? id : (byte)0,
        slot.Agreed.Format.PayloadType);
}

/// <summary>
/// Which m-line an RTP packet belongs to (RFC 9143 §9.2): the mid that it carries, else what is known of its SSRC, else its payload type; the SSRC then stays where it was seen. One
/// thread at a time; allocates for new SSRCs only.
/// </summary>
internal sealed class PacketRouting
{
    /// <summary>Of one peer; a peer that invents more has them looked up by payload type, and costs no memory.</summary>
    public const int MaxSources = 64;

    private readonly Dictionary<uint, ChannelLink> _bySource = [];
    private readonly IReadOnlyList<Route> _routes;

    /// <param name="announced">What <c>a=ssrc</c> lines said.</param>
    public PacketRouting(IReadOnlyList<Route> routes, IEnumerable<(uint Ssrc, ChannelLink Link)> announced)
    {
        _routes = routes;
        foreach ((uint ssrc, ChannelLink link) in announced.Take(MaxSources))
        {
            _bySource.TryAdd(ssrc, link);
        }
    }

    /// <summary>Null = nobody's.</summary>
    public ChannelLink? Find(in RtpPacket packet)
    {
        if (ByMid(packet) is { } named)
        {
            Latch(packet.Ssrc, named);
            return named;
        }

        if (_bySource.TryGetValue(packet.Ssrc, out ChannelLink? known))
        {
            return known;
        }

        foreach (Route route in _routes)
        {
            if (route.PayloadType == packet.PayloadType)
            {
                Latch(packet.Ssrc, route.Link);
                return route.Link;
            }
        }

        return null;
    }

    private ChannelLink? ByMid(in RtpPacket packet)
    {
        if (packet.Extension.IsEmpty)
        {
            return null;
        }

        foreach (Route route in _routes)
        {
            if (route.MidExtensionId != 0 && HeaderElement.TryFind(packet.Extension, route.MidExtensionId, out ReadOnlySpan<byte> mid) && mid.SequenceEqual(route.Mid))
            {
                return route.Link;
            }
        }

        return null;
    }

    private void Latch(uint ssrc, ChannelLink link)
    {
        if (_bySource.Count < MaxSources || _bySource.ContainsKey(ssrc))
        {
            _bySource[ssrc] = link;
        }
    }
}
