using System.Net;
using System.Net.Sockets;

namespace MlvcRtc.Signaling.Limits;

/// <summary>The allowances in use, by address or subject. Entries are forgotten when that changes nothing any more, so that a flood of addresses costs memory for seconds only.</summary>
internal sealed class AllowanceTable(Allotment allotment, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Allowance> _table = new(StringComparer.Ordinal);

    /// <summary>Takes one connection; null: there are too many. Give it back by <see cref="Allowance.Disconnect"/>.</summary>
    public Allowance? TryConnect(string key)
    {
        lock (_lock)
        {
            // Under the table's lock, so that Forget cannot drop an entry that is just being taken.
            Allowance allowance = Find(key);
            return allowance.TryConnect(time.GetElapsedTime(0)) ? allowance : null;
        }
    }

    /// <summary>Takes one connection even if there are too many.</summary>
    public Allowance Connect(string key)
    {
        lock (_lock)
        {
            Allowance allowance = Find(key);
            allowance.Connect(time.GetElapsedTime(0));
            return allowance;
        }
    }

    public void Forget()
    {
        TimeSpan now = time.GetElapsedTime(0);
        lock (_lock)
        {
            foreach (KeyValuePair<string, Allowance> entry in _table.Where(entry => entry.Value.IsIdle(now)).ToList())
            {
                _table.Remove(entry.Key);
            }
        }
    }

    private Allowance Find(string key)
    {
        if (!_table.TryGetValue(key, out Allowance? allowance))
        {
            _table.Add(key, allowance = new Allowance(allotment));
        }

        return allowance;
    }

    /// <summary>What counts as one address: an IPv4 address, or the /64 that an IPv6 subscriber has to itself (RFC 6177).</summary>
    public static string KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
