using System.Net;
using System.Net.NetworkInformation;

namespace MlvcRtc.App.Calls;

/// <summary>Tells when this machine's addresses are others than before: the moment to look for a new path, seconds before the old one is found dead.</summary>
internal sealed class NetworkWatch : IDisposable
{
    /// <summary>One change (cable out, wireless in) comes as several events within so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly Action _changed;
    private readonly Func<HashSet<IPAddress>?> _addresses;
    private readonly ITimer _settled;
    private readonly Lock _guard = new();
    private HashSet<IPAddress> _known;

    /// <param name="changed">Called on a pool thread when there are other addresses than before, and at least one.</param>
    /// <param name="time">For the pause that lets events of one change come together.</param>
    /// <param name="addresses">This machine's; null = asked of the system. What it gives null for is passed over.</param>
    public NetworkWatch(Action changed, TimeProvider time, Func<HashSet<IPAddress>?>? addresses = null)
    {
        _changed = changed;
        _addresses = addresses ?? OfSystem;
        _known = _addresses() ?? [];
        _settled = time.CreateTimer(_ => Compare(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        NetworkChange.NetworkAddressChanged += OnChange;
    }

    /// <summary>The system said that something changed: looks when it has been quiet for a moment.</summary>
    public void LookSoon() => _settled.Change(Quiet, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnChange;
        _settled.Dispose();
    }

    /// <summary>Null: the system does not tell, or a network vanished while it did, which comes as another event.</summary>
    private static HashSet<IPAddress>? OfSystem()
    {
        try
        {
            return
            [
                .. NetworkInterface.GetAllNetworkInterfaces()
                    .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                    .SelectMany(network => network.GetIPProperties().UnicastAddresses)
                    .Select(unicast => unicast.Address)
                    .Where(address => !address.IsIPv6LinkLocal),
            ];
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }

    private void OnChange(object? sender, EventArgs arguments) => LookSoon();

    private void Compare()
    {
        HashSet<IPAddress>? now = _addresses();
        lock (_guard)
        {
            if (now is not { Count: > 0 } || now.SetEquals(_known))
            {
                return;
            }

            _known = now;
        }

        _changed();
    }
}
