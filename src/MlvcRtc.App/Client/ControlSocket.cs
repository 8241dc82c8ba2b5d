using System.Net.WebSockets;

namespace MlvcRtc.App.Client;

/// <summary>Reads what the page asks for, one message after the other.</summary>
internal static class ControlSocket
{
    /// <summary>Returns when the page has gone, or said what cannot be gone on with.</summary>
    /// <param name="take">Hears every request, in order.</param>
    public static async Task ReceiveAsync(WebSocket socket, PageSocket answers, Func<ControlRequest, Task> take, CancellationToken cancel)
    {
        byte[] message = new byte[ControlReader.MaxBytes];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(message.AsMemory(length), cancel);
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    answers.Close(WebSocketCloseStatus.NormalClosure, string.Empty);
                    return;
                }

                if (part.MessageType != WebSocketMessageType.Text || (length == message.Length && !part.EndOfMessage))
                {
                    bool large = part.MessageType == WebSocketMessageType.Text;
                    answers.Send(new ErrorReport("bad-request", large ? $"A control message is longer than {message.Length} bytes." : "A control message is text.", "Reload the page.").ToJson());
                    answers.Close(large ? WebSocketCloseStatus.MessageTooBig : WebSocketCloseStatus.InvalidMessageType, "control messages are texts of at most 16 KiB");
                    return;
                }
            }
            while (!part.EndOfMessage);

            if (ControlReader.TryRead(message.AsMemory(0, length), out ControlRequest? request, out string? problem))
            {
                await take(request!);
            }
            else
            {
                answers.Send(new ErrorReport("bad-request", problem!, "Reload the page; if it stays, page and program are of different versions.").ToJson());
            }
        }
    }
}
