using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using MlvcRtc.App.Client;

namespace MlvcRtc.IntegrationTests.App.Client;

/// <summary>What a browser's page does, over real HTTP and WebSockets.</summary>
internal sealed class TestPage : IAsyncDisposable
{
    private readonly List<JsonElement> _heard = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly CookieContainer _cookies = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _running = [];
    private ClientWebSocket? _control;
    private ClientWebSocket? _capture;

    public TestPage(Uri address)
    {
        Address = address;
        Origin = address.GetLeftPart(UriPartial.Authority);
        Http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies, MaxConnectionsPerServer = 16 }) { BaseAddress = new Uri(Origin) };
    }

    public Uri Address { get; }

    public string Origin { get; }

    public HttpClient Http { get; }

    public string Token => Address.Fragment["#token=".Length..];

    /// <summary>Close status of the control socket; null = it is open.</summary>
    public (int Status, string Reason)? ControlClosed { get; private set; }

    public static HttpRequestMessage SessionRequest(string origin, object body) =>
        new(HttpMethod.Post, "/api/session") { Content = JsonContent.Create(body), Headers = { { "Origin", origin } } };

    public async Task<HttpStatusCode> OpenSessionAsync()
    {
        using HttpRequestMessage request = SessionRequest(Origin, new { token = Token });
        using HttpResponseMessage answer = await Http.SendAsync(request, _end.Token);
        return answer.StatusCode;
    }

    public async Task<TestPage> OpenAsync()
    {
        Assert.Equal(HttpStatusCode.NoContent, await OpenSessionAsync());
        await OpenControlAsync();
        return this;
    }

    public async Task OpenControlAsync()
    {
        _control = await SocketAsync("/api/control");
        _running.Add(ListenAsync(_control));
    }

    public async Task<ClientWebSocket> SocketAsync(string path, string? origin = null, bool withCookie = true)
    {
        ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Origin", origin ?? Origin);
        if (withCookie)
        {
            socket.Options.Cookies = _cookies;
        }

        await socket.ConnectAsync(new Uri(Origin.Replace("http:", "ws:", StringComparison.Ordinal) + path), _end.Token);
        return socket;
    }

    public Task SendAsync(object message) => SendTextAsync(JsonSerializer.Serialize(message));

    public async Task SendTextAsync(string text) => await _control!.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, _end.Token);

    /// <summary>The first message of this kind that is not taken yet; the others of before are thrown away.</summary>
    public async Task<JsonElement> HearAsync(string type, Func<JsonElement, bool>? which = null)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(ClientPair.Patience);
        while (true)
        {
            lock (_heard)
            {
                int place = _heard.FindIndex(message => message.GetProperty("type").GetString() == type && which?.Invoke(message) != false);
                if (place >= 0)
                {
                    JsonElement found = _heard[place];
                    _heard.RemoveRange(0, place + 1);
                    return found;
                }

                JsonElement failed = _heard.Find(message => message.GetProperty("type").GetString() == "error");
                Assert.True(type == "error" || failed.ValueKind == JsonValueKind.Undefined, $"instead of {type}: {failed}");
            }

            await _news.WaitAsync(patience.Token);
        }
    }

    public Task<JsonElement> HearStateAsync(string state) => HearAsync("state", message => message.GetProperty("state").GetString() == state);

    /// <summary>Sends an item over the capture socket, opened when it is not yet.</summary>
    public async Task CaptureAsync(MediaItem item, ReadOnlyMemory<byte> payload)
    {
        byte[] message = new byte[MediaItem.HeaderBytes + payload.Length];
        item.Write(message);
        payload.CopyTo(message.AsMemory(MediaItem.HeaderBytes));
        await CaptureBytesAsync(message);
    }

    public async Task CaptureBytesAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary)
    {
        if (_capture is null)
        {
            _capture = await SocketAsync("/api/capture");
            _running.Add(DrainAsync(_capture));
        }

        await _capture.SendAsync(message, type, endOfMessage: true, _end.Token);
    }

    /// <summary>Reads /api/frames for ever.</summary>
    /// <param name="take">Hears each item and its payload.</param>
    public async Task WatchAsync(Action<MediaItem, byte[]> take)
    {
        HttpResponseMessage response = await Http.GetAsync("/api/frames", HttpCompletionOption.ResponseHeadersRead, _end.Token);
        response.EnsureSuccessStatusCode();
        _running.Add(Task.Run(async () =>
        {
            using HttpResponseMessage owned = response;
            await using Stream body = await owned.Content.ReadAsStreamAsync(_end.Token);
            byte[] head = new byte[4 + MediaItem.HeaderBytes];
            while (true)
            {
                await body.ReadExactlyAsync(head, _end.Token);
                byte[] payload = new byte[BinaryPrimitives.ReadInt32LittleEndian(head) - MediaItem.HeaderBytes];
                await body.ReadExactlyAsync(payload, _end.Token);
                take(Item(head.AsSpan(4)), payload);
            }
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        foreach (Task running in _running)
        {
            await running.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        _control?.Dispose();
        _capture?.Dispose();
        Http.Dispose();
        _end.Dispose();
        _news.Dispose();
    }

    /// <summary>As the page reads it: no checks.</summary>
    private static MediaItem Item(ReadOnlySpan<byte> head) => new(
        (MediaItemKind)head[0], head[1], BinaryPrimitives.ReadUInt16LittleEndian(head[2..]), BinaryPrimitives.ReadUInt16LittleEndian(head[4..]), BinaryPrimitives.ReadUInt64LittleEndian(head[8..]));

    private async Task ListenAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), _end.Token);
                length += part.Count;
            }
            while (!part.EndOfMessage);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                ControlClosed = ((int)socket.CloseStatus!, socket.CloseStatusDescription ?? string.Empty);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _end.Token);
                _news.Release();
                return;
            }

            using JsonDocument message = JsonDocument.Parse(buffer.AsMemory(0, length));
            lock (_heard)
            {
                _heard.Add(message.RootElement.Clone());
            }

            _news.Release();
        }
    }

    /// <summary>Until the control socket is closed.</summary>
    public async Task<(int Status, string Reason)> HearCloseAsync()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(ClientPair.Patience);
        while (ControlClosed is null)
        {
            await _news.WaitAsync(patience.Token);
        }

        return ControlClosed.Value;
    }

    private async Task DrainAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[256];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), _end.Token)).MessageType != WebSocketMessageType.Close)
        {
        }
    }
}
