using System.Net.WebSockets;
using MlvcRtc.App.Audio;

namespace MlvcRtc.App.Client;

/// <summary>
/// Reads the page's pictures and packets of sound, each into its place without a copy between: the header is read first and says where the rest goes. Allocates nothing per item.
/// </summary>
/// <param name="camera">Takes the pictures.</param>
/// <param name="microphone">Takes the sound.</param>
/// <param name="complain">Hears of items that are none; they are left out.</param>
internal sealed class CaptureSocket(PageCamera camera, PageMicrophone microphone, Action<string> complain)
{
    /// <summary>Of what is read and thrown away.</summary>
    private const int ScrapBytes = 64 * 1024;

    private readonly byte[] _header = new byte[MediaItem.HeaderBytes];
    private readonly byte[] _sound = new byte[ReorderBuffer.MaxPayloadBytes];
    private readonly byte[] _scrap = new byte[ScrapBytes];

    /// <summary>Returns when the page has gone, or said what cannot be gone on with.</summary>
    public async Task ReceiveAsync(WebSocket socket, PageSocket answers, CancellationToken cancel)
    {
        while (true)
        {
            (int length, ValueWebSocketReceiveResult last) = await FillAsync(socket, _header, cancel);
            if (last.MessageType != WebSocketMessageType.Binary)
            {
                bool gone = last.MessageType == WebSocketMessageType.Close;
                answers.Close(gone ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.InvalidMessageType, gone ? string.Empty : "items are binary messages");
                return;
            }

            bool good = MediaItem.TryRead(_header.AsSpan(0, length), out MediaItem item, out string? problem);
            int payload = 0;
            if (good)
            {
                Memory<byte> place = item.Kind == MediaItemKind.Picture ? camera.Place(item) : _sound;
                (payload, last) = last.EndOfMessage ? (0, last) : await FillAsync(socket, place, cancel);
            }

            if (!last.EndOfMessage)
            {
                int rest = await SkipAsync(socket, cancel);
                if (rest < 0)
                {
                    answers.Close(WebSocketCloseStatus.MessageTooBig, "an item has at most 4 MiB");
                    complain($"An item has at most {MediaItem.LargestBytes} bytes.");
                    return;
                }

                payload += rest;
            }

            problem ??= item.ProblemWith(payload);
            if (problem is not null)
            {
                complain(problem);
            }
            else if (item.Kind == MediaItemKind.Picture)
            {
                camera.Publish(item);
            }
            else
            {
                microphone.Take(item, _sound.AsSpan(0, payload));
            }
        }
    }

    /// <summary>Until the place is full or the message ends.</summary>
    private static async ValueTask<(int Length, ValueWebSocketReceiveResult Last)> FillAsync(WebSocket socket, Memory<byte> place, CancellationToken cancel)
    {
        int length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(place[length..], cancel);
            length += part.Count;
        }
        while (part.MessageType == WebSocketMessageType.Binary && !part.EndOfMessage && length < place.Length);
        return (length, part);
    }

    /// <summary>Reads the message to its end.</summary>
    /// <returns>Its remaining bytes; -1 when they are more than an item may have.</returns>
    private async ValueTask<int> SkipAsync(WebSocket socket, CancellationToken cancel)
    {
        int skipped = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(_scrap.AsMemory(), cancel);
            skipped += part.Count;
        }
        while (part.MessageType == WebSocketMessageType.Binary && !part.EndOfMessage && skipped <= MediaItem.LargestBytes);
        return skipped > MediaItem.LargestBytes ? -1 : skipped;
    }
}
