using System.Net.WebSockets;
using System.Threading.Channels;

namespace MlvcRtc.App.Client;

/// <summary>The sending half of one WebSocket of the page: messages wait in a bounded queue and leave one after the other. Safe for concurrent use.</summary>
internal sealed class PageSocket(WebSocket socket)
{
    /// <summary>Another page of the same session is in charge now (docs/local-client.md).</summary>
    public const WebSocketCloseStatus TakenOver = (WebSocketCloseStatus)4001;

    /// <summary>Messages that wait; beyond it the oldest goes. A page that reads nothing for a minute of statistics is not there.</summary>
    private const int Waiting = 64;

    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
    private int _closing;
    private (WebSocketCloseStatus Status, string Reason) _close = (WebSocketCloseStatus.NormalClosure, string.Empty);

    /// <summary>Queues a text message. After <see cref="Close"/> it goes nowhere.</summary>
    public void Send(ReadOnlyMemory<byte> text) => _queue.Writer.TryWrite(text);

    /// <summary>Closes after what waits has left. The first reason stays.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        if (Interlocked.Exchange(ref _closing, 1) == 0)
        {
            _close = (status, reason);
            _queue.Writer.TryComplete();
        }
    }

    /// <summary>Sends until <see cref="Close"/>; returns also when the page is gone.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (ReadOnlyMemory<byte> text in _queue.Reader.ReadAllAsync(cancel))
            {
                await socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, cancel);
            }

            await socket.CloseOutputAsync(_close.Status, _close.Reason, cancel);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // the receiving half sees the same and ends
        }
    }
}
