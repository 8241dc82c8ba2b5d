using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MlvcRtc.InteropTests.Redis;

/// <summary>The distribution's redis-server on a free port of 127.0.0.1, without a file unless asked for; killed at the end.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program = InstalledProgram.Find("redis-server");
    private readonly string[] _more;
    private readonly string _folder = Directory.CreateTempSubdirectory("redis-").FullName;
    private Process? _process;

    private RedisServer(string[] more) => _more = more;

    public int Port { get; } = FreePort();

    public string Address => $"redis://127.0.0.1:{Port}";

    public static async Task<RedisServer> Start(params string[] more)
    {
        RedisServer server = new(more);
        try
        {
            await server.Begin();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async Task Begin()
    {
        ProcessStartInfo start = new(_program, ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _folder, "--save", "", .. _more]) { RedirectStandardOutput = true };
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException("redis-server ended before it was ready"));
            }
            else if (line.Data.Contains("Ready to accept connections", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public async Task Kill()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Directory.Delete(_folder, recursive: true);
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
