using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace MlvcRtc.App.Client;

/// <summary>The three connections of the page in charge: control, capture and frames, each the newest of its kind; an older one ends before the newer begins.</summary>
internal sealed class PageConnections : IDisposable
{
    /// <summary>What a browser has to answer a close frame before its socket is cut.</summary>
    private static readonly TimeSpan CloseTime = TimeSpan.FromMilliseconds(500);

    /// <summary>The same bytes each time: one is sent for each picture.</summary>
    private static readonly byte[] One = "{\"take\":1}"u8.ToArray(), Two = "{\"take\":2}"u8.ToArray();

    private readonly ConnectionSlot _control, _capture, _frames;
    private readonly PageDevices _devices;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end = new();
    private PageSocket? _page;

    public PageConnections(PageDevices devices, TimeProvider time)
    {
        (_devices, _time) = (devices, time);
        (_control, _capture, _frames) = (new(CloseTime, time), new(CloseTime, time), new(TimeSpan.Zero, time));
    }

    /// <summary>A page has opened its control socket: what it is told first.</summary>
    public Func<IEnumerable<ControlMessage>> Greet { get; set; } = static () => [];

    /// <summary>Hears what the page asks, in order.</summary>
    public Func<ControlRequest, Task> Take { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Nobody has been there for <see cref="Patience"/>.</summary>
    public Func<Task> Forsaken { get; set; } = static () => Task.CompletedTask;

    /// <summary>As long as a reload takes.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(5);

    private WebSocketCloseStatus CloseStatus => _end.IsCancellationRequested ? WebSocketCloseStatus.EndpointUnavailable : PageSocket.TakenOver;

    /// <summary>To the page in charge, if there is one.</summary>
    public void Tell(ControlMessage message) => Volatile.Read(ref _page)?.Send(message.ToJson());

    public async Task ServeControlAsync(WebSocket socket, CancellationToken cancel)
    {
        PageSocket page = new(socket);
        await _control.RunAsync(
            reason => page.Close(CloseStatus, reason),
            async ended =>
            {
                Volatile.Write(ref _page, page);
                foreach (ControlMessage message in Greet())
                {
                    page.Send(message.ToJson());
                }

                await BothWaysAsync(page, () => ControlSocket.ReceiveAsync(socket, page, Take, ended), ended);
                Interlocked.CompareExchange(ref _page, null, page);
            },
            cancel);
        _ = ForsakeAsync();
    }

    public async Task ServeCaptureAsync(WebSocket socket, CancellationToken cancel)
    {
        PageSocket answers = new(socket);
        await _capture.RunAsync(
            reason => answers.Close(CloseStatus, reason),
            async ended =>
            {
                CaptureSocket capture = new(_devices.Camera, _devices.Microphone, problem => Tell(new ErrorReport("bad-request", problem, "Reload the page; if it stays, page and program are of different versions.")));
                _devices.Camera.TellTo(count => answers.Send(Credit(count)));
                await BothWaysAsync(answers, () => capture.ReceiveAsync(socket, answers, ended), ended);
                _devices.Camera.TellTo(null);
            },
            cancel);
    }

    public Task ServeFramesAsync(HttpResponse response, CancellationToken cancel) => _frames.RunAsync(
        static _ => { },
        async ended =>
        {
            try
            {
                await _devices.Frames.WriteAsync(response, ended);
            }
            catch (OperationCanceledException)
            {
                // taken over, or the page is gone
            }
        },
        cancel);

    /// <summary>Ends all three.</summary>
    public void CloseAll(string reason)
    {
        foreach (ConnectionSlot slot in (ConnectionSlot[])[_control, _capture, _frames])
        {
            slot.End(reason);
        }
    }

    /// <summary>The program ends: the page is told so, and is not waited for any more.</summary>
    public void End()
    {
        _end.Cancel();
        CloseAll("the program ends");
    }

    public void Dispose() => End();

    private static byte[] Credit(int count) => count == 1 ? One : Two;

    /// <summary>Sends and receives until the page is gone or the other ends it; then nobody speaks on the socket any more.</summary>
    private static async Task BothWaysAsync(PageSocket page, Func<Task> receive, CancellationToken ended)
    {
        Task sending = page.RunAsync(ended);
        try
        {
            await receive();
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            // as good as closed
        }

        page.Close(WebSocketCloseStatus.NormalClosure, string.Empty);
        await sending;
    }

    private async Task ForsakeAsync()
    {
        try
        {
            await Task.Delay(Patience, _time, _end.Token);
        }
        catch (OperationCanceledException)
        {
            return;  // the program ends
        }

        if (Volatile.Read(ref _page) is null)
        {
            await Forsaken();
        }
    }
}
