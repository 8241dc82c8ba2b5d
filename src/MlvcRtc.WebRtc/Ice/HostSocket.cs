using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MlvcRtc.Media;
using MlvcRtc.Media.Threads;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Ice;

/// <summary>Datagrams from one base.</summary>
internal delegate void DatagramArrived(LocalBase localBase, TransportAddress from, ReadOnlySpan<byte> datagram, TimeSpan arrival);

/// <summary>A UDP socket on one local address, with a receive thread of its own. Allocates nothing per packet.</summary>
internal sealed class HostSocket : LocalBase, IDisposable
{
    /// <summary>Ethernet's MTU is 1500; a datagram that is larger is cut and fails to parse.</summary>
    public const int MaxDatagramBytes = 2048;

    /// <summary>How long the end may wait for the thread to look up.</summary>
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(50);

    /// <summary>Holds a key frame of the largest size (294 kB) should the receive thread stand still meanwhile; the system may grant less.</summary>
    private const int SocketBufferBytes = 512 * 1024;

    /// <summary>Checks go to few addresses; this stops answers to ever new ones from filling the memory.</summary>
    private const int MaxDestinations = 256;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<TransportAddress, SocketAddress> _destinations = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _closed;

    private HostSocket(Socket socket, TimeProvider time)
        : base(TransportAddress.From((IPEndPoint)socket.LocalEndPoint!), CandidateType.Host)
    {
        _socket = socket;
        _time = time;
    }

    /// <summary>When the receive thread has ended and the port is free again.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes a free port of the address; null when the system refuses (the address has just gone).</summary>
    public static HostSocket? Open(IPAddress address, TimeProvider time)
    {
        Socket socket = new(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Blocking = false;  // Send must never wait
            socket.ReceiveBufferSize = SocketBufferBytes;
            socket.SendBufferSize = SocketBufferBytes;
            socket.Bind(new IPEndPoint(address, 0));
            return new HostSocket(socket, time);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <param name="arrived">Called on the receive thread; must not block.</param>
    public void Start(DatagramArrived arrived) =>
        new Thread(() => ReceiveLoop(arrived)) { Name = "mlvc ice udp", IsBackground = true }.Start();

    public override bool Send(TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        if (!_destinations.TryGetValue(remote, out SocketAddress? destination))
        {
            if (_destinations.Count >= MaxDestinations)
            {
                _destinations.Clear();
            }

            destination = remote.ToEndPoint().Serialize();
            _destinations[remote] = destination;
        }

        try
        {
            _socket.SendTo(datagram, SocketFlags.None, destination);
            return true;
        }
        catch (SocketException e)
        {
            return !IsPathGone(e.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            return true;  // media is still sent while the transport closes
        }
    }

    public void Dispose() => _closed = true;  // the thread closes the socket

    /// <summary>No route, or the address of the socket left this machine (Linux: EINVAL). Everything else, a full buffer or a firewall, is a loss like any other.</summary>
    public static bool IsPathGone(SocketError error) =>
        error is SocketError.NetworkUnreachable or SocketError.HostUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable or SocketError.InvalidArgument;

    private void ReceiveLoop(DatagramArrived arrived)
    {
        PromptThread.Become();
        byte[] received = new byte[MaxDatagramBytes];
        SocketAddress from = new(_socket.AddressFamily);
        while (!_closed)
        {
            try
            {
                if (!_socket.Poll(LookUp, SelectMode.SelectRead))
                {
                    continue;
                }

                from.Size = from.Buffer.Length;
                int length = _socket.ReceiveFrom(received, SocketFlags.None, from);
                arrived(this, TransportAddress.From(from), received.AsSpan(0, length), MediaClock.Now(_time));
            }
            catch (SocketException)
            {
                // Windows tells here that nobody listened to an earlier packet, or that a datagram was too long; neither ends the base.
            }
        }

        _socket.Dispose();
        _ended.SetResult();
    }
}
