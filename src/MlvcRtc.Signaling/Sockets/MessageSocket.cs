using System.Buffers;
using System.Net.WebSockets;
using MlvcRtc.Signaling.Messages;

namespace MlvcRtc.Signaling.Sockets;

/// <summary>
/// A WebSocket (RFC 6455) that carries messages. An idle one holds no buffer: it waits by a read of zero bytes and rents from the pool when something comes.
/// Receiving is for one caller at a time; everything else may be called from any thread.
/// </summary>
internal sealed class MessageSocket(WebSocket socket, TimeProvider time) : IDisposable
{
    /// <summary>Where a message begins to be read; most fit. Grows to <see cref="MessageReader.MaxBytes"/> only as bytes really arrive.</summary>
    private const int FirstBuffer = 4096;

    private readonly OutgoingQueue _outgoing = new(socket, time);
    private long _partialSince;  // timestamp of the first byte of an unfinished message; 0 = none

    /// <summary>For how long an unfinished message has been coming; zero when there is none. Slow-loris sockets are found by it.</summary>
    public TimeSpan PartialFor => Volatile.Read(ref _partialSince) is > 0 and long since ? time.GetElapsedTime(since) : TimeSpan.Zero;

    /// <summary>For how long one message has been trying to leave; zero when none is. Sockets that do not read are found by it.</summary>
    public TimeSpan SendingFor => _outgoing.SendingFor;

    /// <summary>The next message. Never throws on what the other side does.</summary>
    public async ValueTask<Received> ReceiveAsync(CancellationToken cancel)
    {
        byte[]? buffer = null;
        try
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
            int length = 0;
            if (result is { MessageType: WebSocketMessageType.Text, EndOfMessage: false })
            {
                Volatile.Write(ref _partialSince, Math.Max(1, time.GetTimestamp()));
                buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
            }

            while (!result.EndOfMessage && result.MessageType == WebSocketMessageType.Text)
            {
                if (length == buffer!.Length)
                {
                    buffer = Grow(buffer, length);
                }

                // One byte over the limit is enough to know.
                int room = Math.Min(buffer.Length, MessageReader.MaxBytes + 1) - length;
                result = await socket.ReceiveAsync(buffer.AsMemory(length, room), cancel).ConfigureAwait(false);
                length += result.Count;
                if (length > MessageReader.MaxBytes)
                {
                    break;
                }
            }

            return result.MessageType switch
            {
                WebSocketMessageType.Close => new Received(ReceivedKind.Closed, null, 0, null),
                WebSocketMessageType.Binary => new Received(ReceivedKind.NotText, null, 0, "Messages are text frames."),
                _ => Parse(buffer.AsSpan(0, length)),
            };
        }
        catch (WebSocketException exception) when (exception.WebSocketErrorCode == WebSocketError.Faulted)
        {
            // Frames that violate RFC 6455, or text that is no UTF-8: the socket has closed itself, with the code that says so (1002, 1007).
            return new Received(ReceivedKind.Closed, null, 0, exception.Message);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // A broken connection, or an aborted one.
            return new Received(ReceivedKind.Closed, null, 0, null);
        }
        finally
        {
            Volatile.Write(ref _partialSince, 0);
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Queues a message. False: the queue is full because the other side does not read, or the socket is closing.</summary>
    public bool TrySend(SignalMessage message) => _outgoing.TryAdd(MessageWriter.Write(message));

    /// <summary>Closes after what is queued has been sent; what is queued later is dropped.</summary>
    /// <param name="reason">At most 123 bytes (RFC 6455 §5.5).</param>
    public void Close(WebSocketCloseStatus status, string reason) => _outgoing.Close(status, reason);

    /// <summary>Cuts the connection at once.</summary>
    public void Abort() => socket.Abort();

    public void Dispose() => socket.Dispose();

    private static Received Parse(ReadOnlySpan<byte> utf8) => MessageReader.TryRead(utf8, out SignalMessage? message, out string? problem) switch
    {
        ReadStatus.Ok => new Received(ReceivedKind.Message, message, utf8.Length, null),
        ReadStatus.UnknownType => new Received(ReceivedKind.UnknownType, null, utf8.Length, "This type of message is not known here."),
        ReadStatus.TooLarge => new Received(ReceivedKind.TooLarge, null, utf8.Length, problem),
        _ => new Received(ReceivedKind.Malformed, null, utf8.Length, problem),
    };

    private static byte[] Grow(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(4 * length, MessageReader.MaxBytes + 1));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
