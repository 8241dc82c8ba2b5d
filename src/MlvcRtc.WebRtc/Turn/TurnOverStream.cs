using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MlvcRtc.Media;
using MlvcRtc.WebRtc.Stun;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>TURN over TCP or TLS (RFC 8656 §3.1), for networks that let no UDP out. One thread reads, one writes, so that sending never waits for the network.</summary>
internal sealed class TurnOverStream : TurnTransport
{
    /// <summary>Connecting and the TLS handshake together.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A server that takes nothing for so long is gone.</summary>
    private const int WriteTimeoutMs = 5000;

    /// <summary>Half a second of 4 Mbit/s; what waits longer is better lost.</summary>
    private const int QueueBytes = 256 * 1024;

    /// <summary>The largest TLS record.</summary>
    private const int ChunkBytes = 16 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TimeProvider _time;
    private readonly ByteRing _queue = new(QueueBytes);
    private readonly AutoResetEvent _queued = new(false);
    private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _writing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _closed;
    private volatile bool _broken;
    private int _started;

    private TurnOverStream(Socket socket, Stream stream, TimeProvider time)
    {
        _socket = socket;
        _stream = stream;
        _time = time;
    }

    public override bool IsReliable => true;

    public override Task Ended => Volatile.Read(ref _started) == 0 ? Task.CompletedTask : Task.WhenAll(_reading.Task, _writing.Task);

    /// <param name="tlsName">The name that the server's certificate must carry; null = plain TCP.</param>
    /// <param name="roots">Trusted besides the system's; null = only those of the system.</param>
    /// <exception cref="IOException">It cannot be reached, or its certificate is refused; the message says which.</exception>
    public static async Task<TurnOverStream> ConnectAsync(
        TransportAddress server, IPAddress? bind, string? tlsName, X509Certificate2Collection? roots, TimeProvider time, CancellationToken cancel)
    {
        using CancellationTokenSource timeout = new(ConnectTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        Socket socket = new(server.Family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendTimeout = WriteTimeoutMs };
        try
        {
            if (bind is not null)
            {
                socket.Bind(new IPEndPoint(bind, 0));
            }

            await socket.ConnectAsync(server.ToEndPoint(), either.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (tlsName is not null)
            {
                SslStream tls = new(stream);
                await tls.AuthenticateAsClientAsync(TlsOptions(tlsName, roots), either.Token).ConfigureAwait(false);
                stream = tls;
            }

            return new TurnOverStream(socket, stream, time);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            socket.Dispose();
            throw new IOException(
                e switch
                {
                    AuthenticationException => $"the TLS handshake failed: {e.Message} Check that the certificate names the server and that its issuer is trusted.",
                    OperationCanceledException => $"no connection within {ConnectTimeout.TotalSeconds:0} s. Check address, port and firewall.",
                    _ => $"no connection: {e.Message}. Check address, port and firewall.",
                },
                e);
        }
    }

    public override void Start(TurnMessageArrived arrived, Action<string> lost)
    {
        Volatile.Write(ref _started, 1);
        new Thread(() => ReadLoop(arrived, lost)) { Name = "mlvc turn in", IsBackground = true }.Start();
        new Thread(WriteLoop) { Name = "mlvc turn out", IsBackground = true }.Start();
    }

    public override bool Send(ReadOnlySpan<byte> message)
    {
        _queue.TryAdd(message);
        _queued.Set();
        return !_broken;
    }

    public override void Dispose()
    {
        _closed = true;
        _queued.Set();
        if (Volatile.Read(ref _started) == 0)
        {
            _stream.Dispose();
        }
    }

    private static SslClientAuthenticationOptions TlsOptions(string name, X509Certificate2Collection? roots)
    {
        SslClientAuthenticationOptions options = new() { TargetHost = name };
        if (roots is not null)
        {
            // The name is verified all the same; private authorities publish no revocation lists.
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        return options;
    }

    private void ReadLoop(TurnMessageArrived arrived, Action<string> lost)
    {
        byte[] received = new byte[ChunkBytes];
        TurnFraming framing = new();
        string why = "the server closed the connection";
        try
        {
            while (!framing.IsBroken)
            {
                int length = _stream.Read(received);
                if (length == 0)
                {
                    break;
                }

                TimeSpan arrival = MediaClock.Now(_time);
                ReadOnlySpan<byte> input = received.AsSpan(0, length);
                while (framing.TryTake(ref input, out ReadOnlySpan<byte> message))
                {
                    arrived(message, arrival);
                }
            }

            why = framing.IsBroken ? "the server sent something that is not TURN" : why;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            why = $"the connection broke: {e.Message}";
        }

        _broken = true;
        _queued.Set();
        if (!_closed)
        {
            lost(why);
        }

        _reading.SetResult();
    }

    private void WriteLoop()
    {
        byte[] chunk = new byte[ChunkBytes];
        try
        {
            while (!_broken)
            {
                bool closing = _closed;
                int length = _queue.Take(chunk);
                if (length > 0)
                {
                    _stream.Write(chunk.AsSpan(0, length));
                }
                else if (closing)
                {
                    break;
                }
                else
                {
                    _queued.WaitOne();
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            _broken = true;
        }

        CloseSocket();
        _writing.SetResult();
    }

    /// <summary>Wakes the reader too.</summary>
    private void CloseSocket()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // the other side was faster
        }

        _socket.Dispose();
    }
}
