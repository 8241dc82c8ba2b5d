using MlvcRtc.App.Calls;
using MlvcRtc.App.Client;
using MlvcRtc.App.CommandLine;

namespace MlvcRtc.IntegrationTests.App.Client;

/// <summary>One client in this process: its page's server on a port of its own, everything behind it real.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private readonly ScratchFolder _folder = new();
    private Task _run = Task.CompletedTask;

    public LocalServer Server { get; private set; } = null!;

    /// <summary>What it printed to standard error.</summary>
    public string Errors => _error.ToString();

    public static async Task<TestClient> StartAsync(string? server = null, string? room = null)
    {
        TestClient client = new();
        TaskCompletionSource<LocalServer> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        string page = Path.Combine(client._folder.Root, "page");
        Directory.CreateDirectory(Path.Combine(page, "assets"));
        await File.WriteAllTextAsync(Path.Combine(page, "index.html"), "<!doctype html><title>page</title>");
        await File.WriteAllTextAsync(Path.Combine(page, "assets", "page.js"), "export {};");
        await File.WriteAllTextAsync(Path.Combine(client._folder.Root, "secret.txt"), "not for the page");
        Surroundings surroundings = new(
            new(TextWriter.Synchronized(client._out), TextWriter.Synchronized(client._error), IsInteractive: false), TimeProvider.System, Environment.GetEnvironmentVariable, client._folder.Root);
        ClientSettings settings = new(Port: 0, OpensBrowser: false, server, room, Model: null, Device: null, PeerTransports.Choose(PeerTransports.BuiltIn, TimeProvider.System));
        client._run = Task.Run(() => new ClientRun(surroundings, settings).RunAsync(ready.SetResult, client._end.Token));
        await await Task.WhenAny(ready.Task, client._run);
        client.Server = await ready.Task;
        return client;
    }

    public TestPage NewPage() => new(Server.NewAddress());

    public Task<TestPage> OpenPageAsync() => NewPage().OpenAsync();

    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        await _end.CancelAsync();
        await _run.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _folder.Dispose();
    }
}

internal static class ClientPair
{
    /// <summary>For loading models and coding on a machine that does other things as well; reached by failures only.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);
}
