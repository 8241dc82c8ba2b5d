using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging;
using MlvcRtc.Signaling;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Serving;

namespace MlvcRtc.UnitTests.Signaling;

/// <summary>A whole node on a virtual clock, and sockets to it that are pipes in memory.</summary>
public sealed class OneNode : IAsyncDisposable
{
    /// <summary>A test that hangs fails.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentBag<Task> _served = [];

    public OneNode(SignalingServerOptions? options = null)
    {
        Store = new MemoryRoomStore(Time);
        Server = new SignalingServer(options ?? new SignalingServerOptions { Open = true }, Store, Time, Log, Metrics);
    }

    public VirtualTime Time { get; } = new();

    public MemoryRoomStore Store { get; }

    public SignalingServer Server { get; }

    public RecordingLog Log { get; } = new();

    public SignalingMetrics Metrics { get; } = new();

    public TestSocket Connect(string address = "192.0.2.1")
    {
        // What a client has sent, the node has read: a write ends when the reader has taken all.
        Pipe up = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        Pipe down = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024));
        WebSocket server = WebSocket.CreateFromStream(new PipeStream(up.Reader, down.Writer), new WebSocketCreationOptions { IsServer = true });
        TestSocket client = new(WebSocket.CreateFromStream(new PipeStream(down.Reader, up.Writer), new WebSocketCreationOptions()));
        _served.Add(Server.ServeAsync(server, IPAddress.Parse(address), CancellationToken.None));
        return client;
    }

    public async Task<(TestSocket Socket, Joined Seat)> JoinAsync(string room = "r", string? token = null, string? resume = null, string address = "192.0.2.1")
    {
        TestSocket socket = Connect(address);
        await socket.SendAsync(new Join(room) { Token = token, Resume = resume });
        return (socket, await socket.ReadAsync<Joined>());
    }

    /// <summary>Time passes in seconds, as the node's own timer does.</summary>
    public void Wait(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Task.WhenAll(_served).WaitAsync(Patience);
        Metrics.Dispose();
        await Store.DisposeAsync();
        Assert.DoesNotContain(Log.Lines, line => line.Contains("Unexpected failure", StringComparison.Ordinal));
    }

    private sealed class PipeStream(PipeReader reader, PipeWriter writer) : Stream
    {
        private readonly Stream _read = reader.AsStream();
        private readonly Stream _write = writer.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _read.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _write.WriteAsync(buffer, cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            writer.CancelPendingFlush();
            writer.Complete();
            reader.CancelPendingRead();
            reader.Complete();
            base.Dispose(disposing);
        }
    }
}

/// <summary>A client that says exactly what a test wants.</summary>
public sealed class TestSocket(WebSocket socket)
{
    public WebSocket Raw => socket;

    public Task SendAsync(SignalMessage message) => SendTextAsync(Encoding.UTF8.GetString(MessageWriter.Write(message)));

    public Task SendTextAsync(string text, bool last = true) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, last, CancellationToken.None);

    public async Task<T> ReadAsync<T>()
        where T : SignalMessage => Assert.IsType<T>(await ReadAnyAsync());

    /// <summary>The next message; null = the server closed.</summary>
    public async Task<SignalMessage?> ReadAnyAsync()
    {
        byte[] buffer = new byte[MessageReader.MaxBytes];
        int length = 0;
        using CancellationTokenSource patience = new(OneNode.Patience);
        while (true)
        {
            ValueWebSocketReceiveResult result;
            try
            {
                result = await socket.ReceiveAsync(buffer.AsMemory(length), patience.Token);
            }
            catch (WebSocketException)
            {
                return null;
            }

            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += result.Count;
            if (result.EndOfMessage)
            {
                Assert.Equal(ReadStatus.Ok, MessageReader.TryRead(buffer.AsSpan(0, length), out SignalMessage? message, out _));
                return message;
            }
        }
    }

    /// <summary>The refusal, and that the server closes after it.</summary>
    public async Task<string> RefusalAsync()
    {
        ErrorMessage error = await ReadAsync<ErrorMessage>();
        Assert.True(error.Closes);
        Assert.True(error.Message.Length > 20, "a refusal says why and what to do");
        Assert.Null(await ReadAnyAsync());
        return error.Code;
    }

    /// <summary>Everything sent before was handled: messages of one socket are handled in order.</summary>
    public async Task SettleAsync()
    {
        await SendAsync(new Ping(77));
        Assert.Equal(77, (await ReadAsync<Pong>()).Id);
    }

    /// <summary>The cable is cut.</summary>
    public void Cut() => socket.Abort();
}

/// <summary>Keeps the lines as text.</summary>
public sealed class RecordingLog : ILogger
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Part, TaskCompletionSource Seen)> _waiting = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines];
            }
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = formatter(state, exception) + exception;
        lock (_lock)
        {
            _lines.Add(line);
            foreach ((_, TaskCompletionSource seen) in _waiting.Where(waiting => line.Contains(waiting.Part, StringComparison.Ordinal)))
            {
                seen.TrySetResult();
            }
        }
    }

    /// <summary>Until a line with these words was written.</summary>
    public Task UntilAsync(string part)
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lines.Any(line => line.Contains(part, StringComparison.Ordinal)))
            {
                return Task.CompletedTask;
            }

            _waiting.Add((part, seen));
        }

        return seen.Task.WaitAsync(OneNode.Patience);
    }
}
