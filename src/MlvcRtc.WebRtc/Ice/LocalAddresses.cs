using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>Which addresses of this machine become host candidates (RFC 8445 §5.1.1.1).</summary>
internal static class LocalAddresses
{
    /// <summary>A machine with many virtual networks would make checks slow; the first ones are those of its default routes more often than not.</summary>
    public const int Max = 16;

    public static IReadOnlyList<IPAddress> Find(RtcPeerOptions options) =>
    [
        .. Up()
            .Where(address => options.BindAddresses is { } bound ? bound.Contains(address) : options.IncludeLoopback || !IPAddress.IsLoopback(address))
            .Distinct()
            .OrderBy(IPAddress.IsLoopback)  // others first: who knows loopback may know the network too
            .Take(Max),
    ];

    private static IReadOnlyList<IPAddress> Up()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(network => network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)  // Linux says Unknown of loopback and tunnels
                    .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                    .Select(unicast => unicast.Address)
                    .Where(address => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6
                        && !address.IsIPv6LinkLocal && !address.IsIPv6SiteLocal && !address.IsIPv4MappedToIPv6),
            ];
        }
        catch (NetworkInformationException)
        {
            return [];  // the system does not tell, or a network vanished meanwhile, which is told anew: a call by relay is still possible
        }
    }
}
