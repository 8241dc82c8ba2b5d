using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using MlvcRtc.Call.Threads;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;
using MlvcRtc.Rtp;

namespace MlvcRtc.Lab.Loopback;

/// <summary>
/// A packet link over one UDP socket, for tests and experiments between machines: no encryption, no address discovery. Packets are received on a
/// thread of its own and heard only from <see cref="Peer"/>. Allocates nothing per packet. The port is taken by the constructor, so that two
/// links can be told each other's address before either starts.
/// </summary>
public sealed class UdpLink : BackgroundService, IPacketLink
{
    /// <summary>Ethernet's MTU; what is larger arrives cut and fails to parse.</summary>
    public const int MaxPacketBytes = 1500;

    /// <summary>How long the end of the service may wait for the receive thread to look up.</summary>
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(50);

    /// <summary>Holds a key frame of the largest size (294 kB) should the receive thread stand still meanwhile; the system may grant less.</summary>
    private const int SocketBufferBytes = 512 * 1024;

    private readonly TimeProvider _time;
    private readonly Socket _socket;
    private readonly byte[] _received = new byte[MaxPacketBytes];
    private SocketAddress? _peer;
    private long _strangers;
    private long _unsent;

    /// <param name="local">Port 0 takes any free port: read <see cref="Address"/>.</param>
    /// <param name="time">Its clock is the clock of arrivals.</param>
    /// <exception cref="SocketException">The port is taken.</exception>
    public UdpLink(IPEndPoint local, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(local);
        _time = time;
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
        {
            Blocking = false,  // Send must never wait
            ReceiveBufferSize = SocketBufferBytes,
            SendBufferSize = SocketBufferBytes,
        };
        _socket.Bind(local);
        Address = (IPEndPoint)_socket.LocalEndPoint!;
    }

    public event PacketArrived? Arrived;

    /// <summary>A link on a free port of 127.0.0.1.</summary>
    public static UdpLink OnLoopback(TimeProvider time) => new(new IPEndPoint(IPAddress.Loopback, 0), time);

    /// <summary>Where this link receives.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Where packets go, and the only address they are heard from. Null: nothing is sent and nothing heard.</summary>
    public IPEndPoint? Peer
    {
        set => Volatile.Write(ref _peer, value?.Serialize());
    }

    /// <summary>Datagrams from other addresses, which were dropped.</summary>
    public long StrangersDatagrams => Interlocked.Read(ref _strangers);

    /// <summary>Packets that the system did not take, as if the network had lost them.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    public void Send(ReadOnlySpan<byte> packet)
    {
        if (Volatile.Read(ref _peer) is not { } peer)
        {
            return;
        }

        try
        {
            _socket.SendTo(packet, SocketFlags.None, peer);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _unsent);  // a full buffer, or no way there: losses like any other
        }
        catch (ObjectDisposedException)
        {
            Interlocked.Increment(ref _unsent);  // a pipeline of the call still sends while the link ends
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _socket.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        DedicatedThread.RunTogetherAsync(stoppingToken, ("mlvc udp", ReceiveLoop));

    private void ReceiveLoop(CancellationToken stop)
    {
        PromptThread.Become();
        SocketAddress from = new(_socket.AddressFamily);
        while (!stop.IsCancellationRequested)
        {
            if (!_socket.Poll(LookUp, SelectMode.SelectRead))
            {
                continue;
            }

            try
            {
                from.Size = from.Buffer.Length;
                int length = _socket.ReceiveFrom(_received, SocketFlags.None, from);
                if (from.Equals(Volatile.Read(ref _peer)))
                {
                    Arrived?.Invoke(_received.AsSpan(0, length), MediaClock.Now(_time));
                }
                else
                {
                    Interlocked.Increment(ref _strangers);
                }
            }
            catch (SocketException)
            {
                // Windows tells here that nobody listened to an earlier packet, or that a datagram was too long; neither ends the link.
            }
        }
    }
}
