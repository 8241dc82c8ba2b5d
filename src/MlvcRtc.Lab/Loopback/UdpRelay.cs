using System.Net;
using Microsoft.Extensions.Hosting;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp;

namespace MlvcRtc.Lab.Loopback;

/// <summary>
/// A bad network between two real sockets: what arrives on one side leaves on the other after a <see cref="SimulatedLink"/> has lost, delayed, reordered or
/// doubled it, by conditions and seed. Point both ends of a call at it instead of at each other:
/// <code>
/// end A ◄─ UDP ─► [side A ─► simulated link ─► side B] ◄─ UDP ─► end B
/// </code>
/// The same seed draws the same chances for the n-th packet; when packets come is up to the real clock.
/// </summary>
public sealed class UdpRelay : IHostedService, IDisposable
{
    private readonly UdpLink _sideA;
    private readonly UdpLink _sideB;
    private readonly LinkPump _pump;

    public UdpRelay(LinkConditions aToB, LinkConditions bToA, int seed, TimeProvider time)
    {
        _sideA = UdpLink.OnLoopback(time);
        _sideB = UdpLink.OnLoopback(time);
        Network = new SimulatedLink(aToB, bToA, seed, time);
        _pump = new LinkPump(Network, time);
        Join(_sideA, Network.A);
        Join(_sideB, Network.B);
    }

    /// <summary>The network in the middle; its conditions may be changed during the call.</summary>
    public SimulatedLink Network { get; }

    /// <summary>Where end A sends to.</summary>
    public IPEndPoint AddressForA => _sideA.Address;

    /// <summary>Where end B sends to.</summary>
    public IPEndPoint AddressForB => _sideB.Address;

    /// <summary>Tells the relay where its ends are, and the ends where the relay is.</summary>
    public void Connect(UdpLink endA, UdpLink endB)
    {
        ArgumentNullException.ThrowIfNull(endA);
        ArgumentNullException.ThrowIfNull(endB);
        _sideA.Peer = endA.Address;
        _sideB.Peer = endB.Address;
        endA.Peer = AddressForA;
        endB.Peer = AddressForB;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _pump.StartAsync(cancellationToken), _sideA.StartAsync(cancellationToken), _sideB.StartAsync(cancellationToken));

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_sideA.StopAsync(cancellationToken), _sideB.StopAsync(cancellationToken)).ConfigureAwait(false);
        await _pump.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _sideA.Dispose();
        _sideB.Dispose();
        _pump.Dispose();
    }

    private static void Join(UdpLink socket, IPacketLink network)
    {
        socket.Arrived += (packet, _) => network.Send(packet);
        network.Arrived += (packet, _) => socket.Send(packet);
    }
}
