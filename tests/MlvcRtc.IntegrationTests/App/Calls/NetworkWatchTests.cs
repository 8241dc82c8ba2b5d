using System.Net;
using MlvcRtc.App.Calls;
using MlvcRtc.UnitTests.Signaling;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>When a call looks for a new path because this machine's addresses changed.</summary>
public sealed class NetworkWatchTests : IDisposable
{
    private readonly VirtualTime _time = new();
    private readonly NetworkWatch _watch;
    private HashSet<IPAddress>? _addresses = [IPAddress.Parse("192.0.2.1")];
    private int _changes;

    public NetworkWatchTests() => _watch = new(() => _changes++, _time, () => _addresses is null ? null : [.. _addresses]);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Events_of_one_change_are_one_change_told_when_it_is_quiet_again()
    {
        _addresses = [IPAddress.Parse("198.51.100.7")];
        for (int i = 0; i < 5; i++)
        {
            _watch.LookSoon();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(0, _changes);
        _time.Advance(TimeSpan.FromMilliseconds(150));
        Assert.Equal(1, _changes);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void An_event_after_which_the_addresses_are_the_same_is_no_change()
    {
        Look();
        Assert.Equal(0, _changes);
    }

    [Fact]
    public void Another_address_beside_the_old_one_is_a_change_and_so_is_its_end()
    {
        _addresses!.Add(IPAddress.Parse("2001:db8::1"));
        Look();
        Assert.Equal(1, _changes);
        _addresses = [IPAddress.Parse("192.0.2.1")];
        Look();
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void Without_any_network_there_is_nothing_to_look_for_until_one_appears()
    {
        _addresses = [];
        Look();
        _addresses = null;  // the system does not tell
        Look();
        Assert.Equal(0, _changes);
        _addresses = [IPAddress.Parse("198.51.100.7")];
        Look();
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void The_same_network_back_after_none_is_no_change_for_the_sockets_still_stand()
    {
        _addresses = [];
        Look();
        _addresses = [IPAddress.Parse("192.0.2.1")];
        Look();
        Assert.Equal(0, _changes);
    }

    [Fact]
    public void This_machine_s_own_addresses_can_be_read_and_nothing_changes_while_nothing_does()
    {
        int changes = 0;
        using NetworkWatch real = new(() => changes++, _time);
        real.LookSoon();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, changes);
    }

    [Fact]
    public void After_its_end_it_tells_nothing()
    {
        _addresses = [IPAddress.Parse("198.51.100.7")];
        _watch.LookSoon();
        _watch.Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _changes);
    }

    private void Look()
    {
        _watch.LookSoon();
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}
