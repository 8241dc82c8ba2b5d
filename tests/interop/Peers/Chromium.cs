using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace MlvcRtc.InteropTests.Peers;

/// <summary>A headless Chromium with one empty page, driven by the Chrome DevTools Protocol. Its profile is a folder of its own, which goes with it.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _answers = new();
    private readonly SemaphoreSlim _turn = new(1);
    private Task _reading = Task.CompletedTask;
    private int _lastId;

    private Chromium(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>Skips the test when it is not installed.</summary>
    public static async Task<Chromium> StartAsync()
    {
        string program = InstalledProgram.Find("chromium");
        string profile = Directory.CreateTempSubdirectory("mlvcrtc-chromium-").FullName;
        ProcessStartInfo start = new(
            program,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns", "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--remote-debugging-port=0",
                $"--user-data-dir={profile}", "about:blank",
            ])
        {
            RedirectStandardError = true,
        };
        Chromium chromium = new(Process.Start(start)!, profile);
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        const string Announcement = "DevTools listening on ";
        chromium._process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) == true)
            {
                listening.TrySetResult(new Uri(line.Data[Announcement.Length..]));
            }
        };
        chromium._process.BeginErrorReadLine();
        Uri browser = await listening.Task.WaitAsync(Patience);

        using HttpClient http = new();
        JsonElement pages = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://127.0.0.1:{browser.Port}/json/list"));
        JsonElement page = pages.EnumerateArray().First(one => one.GetProperty("type").GetString() == "page");
        await chromium._socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        chromium._reading = chromium.ReadAsync();
        return chromium;
    }

    /// <summary>The JSON value of a JavaScript expression; promises are awaited.</summary>
    /// <exception cref="InvalidOperationException">The script threw; says what.</exception>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        int id = Interlocked.Increment(ref _lastId);
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _answers[id] = answer;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new { id, method = "Runtime.evaluate", @params = new { expression, awaitPromise = true, returnByValue = true } });
        await _turn.WaitAsync();
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _turn.Release();
        }

        JsonElement reply = (await answer.Task.WaitAsync(Patience)).GetProperty("result");
        return reply.TryGetProperty("exceptionDetails", out JsonElement thrown)
            ? throw new InvalidOperationException(thrown.ToString())
            : reply.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>A JavaScript string literal.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text);

    public static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _socket.Dispose();
        _turn.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // a child of the browser still wrote; the folder is in the temporary folder
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[1 << 20];
        try
        {
            while (true)
            {
                int length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                JsonElement message = JsonSerializer.Deserialize<JsonElement>(buffer.AsSpan(0, length));
                if (message.TryGetProperty("id", out JsonElement id) && _answers.TryRemove(id.GetInt32(), out TaskCompletionSource<JsonElement>? answer))
                {
                    answer.SetResult(message);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            foreach (TaskCompletionSource<JsonElement> waiting in _answers.Values)
            {
                waiting.TrySetException(new InvalidOperationException("Chromium ended", e));
            }
        }
    }
}
