using System.Net;
using System.Net.Sockets;
using MlvcRtc.Media;
using MlvcRtc.WebRtc.Ice;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>A socket of its own, connected to the server, so that the system drops what comes from elsewhere.</summary>
internal sealed class TurnOverUdp : TurnTransport
{
    /// <summary>How long the end may wait for the thread to look up.</summary>
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(50);

    /// <summary>As for host sockets: a key frame of the largest size.</summary>
    private const int SocketBufferBytes = 512 * 1024;

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _started;
    private volatile bool _closed;

    /// <exception cref="SocketException">There is no route to the server.</exception>
    public TurnOverUdp(TransportAddress server, IPAddress? bind, TimeProvider time)
    {
        _time = time;
        _socket = new Socket(server.Family, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            _socket.ReceiveBufferSize = SocketBufferBytes;
            _socket.SendBufferSize = SocketBufferBytes;
            if (bind is not null)
            {
                _socket.Bind(new IPEndPoint(bind, 0));
            }

            _socket.Connect(server.ToEndPoint());
            _socket.Blocking = false;  // Send must never wait
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    public override bool IsReliable => false;

    public override Task Ended => _ended.Task;

    public override void Start(TurnMessageArrived arrived, Action<string> lost)
    {
        _started = true;
        new Thread(() => ReceiveLoop(arrived)) { Name = "mlvc turn udp", IsBackground = true }.Start();
    }

    public override bool Send(ReadOnlySpan<byte> message)
    {
        try
        {
            _socket.Send(message, SocketFlags.None, out SocketError error);
            return !HostSocket.IsPathGone(error);
        }
        catch (ObjectDisposedException)
        {
            return true;  // media is still sent while the transport closes
        }
    }

    public override void Dispose()
    {
        _closed = true;  // the thread closes the socket
        if (!_started)
        {
            _socket.Dispose();
        }
    }

    private void ReceiveLoop(TurnMessageArrived arrived)
    {
        byte[] received = new byte[HostSocket.MaxDatagramBytes];
        while (!_closed)
        {
            try
            {
                if (_socket.Poll(LookUp, SelectMode.SelectRead))
                {
                    // An error tells that nobody listened to an earlier datagram: the next one may be luckier.
                    int length = _socket.Receive(received, SocketFlags.None, out SocketError error);
                    if (error == SocketError.Success)
                    {
                        arrived(received.AsSpan(0, length), MediaClock.Now(_time));
                    }
                }
            }
            catch (SocketException)
            {
                // Poll reports the same errors
            }
        }

        _socket.Dispose();
        _ended.SetResult();
    }
}
