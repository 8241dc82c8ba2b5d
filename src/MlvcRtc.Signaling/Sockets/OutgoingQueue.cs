using System.Net.WebSockets;

namespace MlvcRtc.Signaling.Sockets;

/// <summary>Messages on their way out of one socket. Bounded, so that a peer that does not read costs no memory; no task runs while it is empty.</summary>
internal sealed class OutgoingQueue(WebSocket socket, TimeProvider time)
{
    /// <summary>A burst of trickled candidates is about 20; repeated after a resume at most <see cref="Client.PeerExchange.MaxUnacknowledged"/>.</summary>
    public const int MaxMessages = 256;

    /// <summary>A few of the largest messages.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private Queue<byte[]>? _queue;  // made at need: most sockets are idle
    private int _bytes;
    private bool _running;
    private (WebSocketCloseStatus Status, string Reason)? _close;
    private bool _ended;
    private long _sendingSince;

    public TimeSpan SendingFor => Volatile.Read(ref _sendingSince) is > 0 and long since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    public bool TryAdd(byte[] message)
    {
        lock (_lock)
        {
            if (_ended || _close is not null || _queue?.Count >= MaxMessages || _bytes + message.Length > MaxBytes)
            {
                return false;
            }

            (_queue ??= new Queue<byte[]>(4)).Enqueue(message);
            _bytes += message.Length;
            if (_running)
            {
                return true;
            }

            _running = true;
        }

        _ = RunAsync();
        return true;
    }

    public void Close(WebSocketCloseStatus status, string reason)
    {
        lock (_lock)
        {
            if (_ended || _close is not null)
            {
                return;
            }

            _close = (status, reason);
            if (_running)
            {
                return;
            }

            _running = true;
        }

        _ = RunAsync();
    }

    /// <summary>The one task that sends; ends when there is nothing left.</summary>
    private async Task RunAsync()
    {
        try
        {
            while (TryTake(out byte[]? message, out (WebSocketCloseStatus Status, string Reason)? close))
            {
                Volatile.Write(ref _sendingSince, Math.Max(1, time.GetTimestamp()));
                if (message is not null)
                {
                    await socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, CancellationToken.None).ConfigureAwait(false);
                }
                else if (close is { } how)
                {
                    await socket.CloseOutputAsync(how.Status, how.Reason, CancellationToken.None).ConfigureAwait(false);
                }

                Volatile.Write(ref _sendingSince, 0);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The connection is gone; the receiving side finds out as well and ends the session.
            lock (_lock)
            {
                _ended = true;
                _queue = null;
            }

            socket.Abort();
        }
    }

    private bool TryTake(out byte[]? message, out (WebSocketCloseStatus Status, string Reason)? close)
    {
        lock (_lock)
        {
            close = null;
            if (_queue?.TryDequeue(out message) == true)
            {
                _bytes -= message.Length;
                return true;
            }

            message = null;
            close = _ended ? null : _close;
            if (close is null)
            {
                _running = false;
                return false;
            }

            _ended = true;
            return true;
        }
    }
}
