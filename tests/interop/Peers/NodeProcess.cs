using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;

namespace MlvcRtc.InteropTests.Peers;

/// <summary>A script of this folder under Node.js; one JSON message a line each way.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<JsonElement> _said = Channel.CreateUnbounded<JsonElement>();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<string> _complaints = new();

    private NodeProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                _said.Writer.TryWrite(JsonSerializer.Deserialize<JsonElement>(text));
            }
            else if (line.Data is null)
            {
                _said.Writer.TryComplete(new InvalidOperationException("node ended: " + string.Join(" | ", _complaints)));
            }
        };
        _process.ErrorDataReceived += (_, line) => _complaints.Enqueue(line.Data ?? "");
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public ChannelReader<JsonElement> Said => _said.Reader;

    /// <summary>Skips the test when Node.js or the packages are missing.</summary>
    public static NodeProcess Start(string script, params string[] arguments)
    {
        string node = InstalledProgram.Find("node");
        Assert.SkipUnless(Directory.Exists(Path.Combine(Folder, "node_modules", "node-datachannel")), "node-datachannel is not installed; run npm ci in tests/interop");
        ProcessStartInfo start = new(node, [Path.Combine(Folder, "Peers", script), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        return new NodeProcess(Process.Start(start)!);
    }

    public async Task TellAsync(object message)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message));
            await _process.StandardInput.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();  // the script ends with its input
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _turn.Dispose();
    }

    /// <summary>tests/interop of the checkout.</summary>
    private static string Folder { get; } = FindFolder();

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "package-lock.json")) && File.Exists(Path.Combine(folder.FullName, "MlvcRtc.InteropTests.csproj")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("tests/interop was not found above the test assembly");
    }
}
