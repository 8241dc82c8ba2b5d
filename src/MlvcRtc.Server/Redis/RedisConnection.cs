using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;

namespace MlvcRtc.Server.Redis;

/// <summary>
/// One connection: commands leave in the order of <see cref="Call"/> and are answered in that order, without waiting for each other (pipelining); commands of one moment
/// share a packet. Once anything is wrong it is closed for good, and every unanswered call fails. Safe for any thread.
/// </summary>
internal sealed class RedisConnection : IRedisCalls, IAsyncDisposable
{
    /// <summary>Redis answers in microseconds. Without an answer for this long it, or the way to it, is gone.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>An idle connection is asked this often whether it lives: a host that vanished sends no FIN.</summary>
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(1);

    /// <summary>More unsent bytes mean that Redis is slower than the load for good; failing calls is better than growing until killed.</summary>
    private const int MaxUnsentBytes = 16 << 20;

    private readonly Lock _guard = new();
    private readonly Stream _stream;
    private readonly Action<byte[]>? _onMessage;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly Queue<(TaskCompletionSource<RespValue> Answer, long Asked)> _unanswered = new();
    private readonly SemaphoreSlim _something = new(0);
    private readonly CancellationTokenSource _ending = new();
    private ArrayBufferWriter<byte> _unsent = new(), _spare = new();
    private Exception? _broken;

    private RedisConnection(Stream stream, string name, TimeProvider time, Action<byte[]>? onMessage)
    {
        (_stream, _name, _time, _onMessage) = (stream, name, time, onMessage);
        Closed = Task.WhenAll(Receive(), Transmit(), Watch());
    }

    /// <summary>Ends when the connection has; never faults.</summary>
    public Task Closed { get; }

    public bool IsOpen => Volatile.Read(ref _broken) is null;

    /// <param name="onMessage">Makes it a subscriber: called with the bytes of each message, on the reading task, which waits meanwhile.</param>
    /// <exception cref="RedisException">It cannot be reached or refuses us.</exception>
    public static async Task<RedisConnection> Open(RedisAddress address, TimeProvider time, Action<byte[]>? onMessage, CancellationToken stop)
    {
        using CancellationTokenSource limit = new(Timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        RedisConnection? connection = null;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, either.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (address.Tls)
            {
                SslStream secure = new(stream);
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = address.Host }, either.Token).ConfigureAwait(false);
                stream = secure;
            }

            connection = new RedisConnection(stream, address.ToString(), time, onMessage);
            if (address.Password is { } password)
            {
                _ = await (address.User is { } user ? connection.Call("AUTH", user, password) : connection.Call("AUTH", password)).ConfigureAwait(false);
            }

            _ = await connection.Call("SELECT", address.Database).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e) when (e is SocketException or IOException or System.Security.Authentication.AuthenticationException or OperationCanceledException or RedisException)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }

            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw e as RedisException ?? new RedisException($"Redis at {address} cannot be reached ({e.Message}); is it running, and does the address name it?", e);
        }
    }

    public Task<RespValue> Call(params ReadOnlySpan<RedisArgument> words)
    {
        TaskCompletionSource<RespValue> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_guard)
        {
            if (_broken is not null)
            {
                return Task.FromException<RespValue>(new RedisException($"The connection to Redis at {_name} is gone: {_broken.Message}", _broken));
            }

            if (_unsent.WrittenCount > MaxUnsentBytes)
            {
                return Task.FromException<RespValue>(new RedisException($"Redis at {_name} takes commands more slowly than they come"));
            }

            RespWriter.Write(_unsent, words);
            _unanswered.Enqueue((answer, _time.GetTimestamp()));
        }

        Wake();
        return answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Break(new ObjectDisposedException(nameof(RedisConnection), "closed by us"));
        await Closed.ConfigureAwait(false);
        await _stream.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
        _something.Dispose();
    }

    private async Task Transmit()
    {
        try
        {
            while (true)
            {
                await _something.WaitAsync(_ending.Token).ConfigureAwait(false);
                ArrayBufferWriter<byte> batch;
                lock (_guard)
                {
                    batch = _unsent;
                    (_unsent, _spare) = (_spare, batch);
                }

                await _stream.WriteAsync(batch.WrittenMemory, _ending.Token).ConfigureAwait(false);
                batch.ResetWrittenCount();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Break(e);
        }
    }

    private async Task Receive()
    {
        byte[] buffer = new byte[16 << 10];
        int filled = 0;
        try
        {
            while (true)
            {
                int read = await _stream.ReadAsync(buffer.AsMemory(filled), _ending.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new IOException("Redis closed it");
                }

                filled += read;
                int consumed = Take(buffer.AsSpan(0, filled));
                filled -= consumed;
                buffer.AsSpan(consumed, filled).CopyTo(buffer);
                if (filled == buffer.Length)
                {
                    // One value fills it all. Twice the longest bulk holds any answer we ask for.
                    Array.Resize(ref buffer, buffer.Length < 2 * RespReader.MaxBulkBytes ? 2 * buffer.Length : throw new IOException("an answer is too long"));
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            Break(e);
        }
    }

    private int Take(ReadOnlySpan<byte> arrived)
    {
        RespReader reader = new(arrived);
        while (true)
        {
            switch (reader.TryRead(out RespValue value))
            {
                case RespOutcome.Value:
                    Hand(value);
                    break;
                case RespOutcome.More:
                    return reader.Consumed;
                default:
                    throw new IOException("what answers does not speak RESP2");
            }
        }
    }

    private void Hand(RespValue value)
    {
        if (_onMessage is not null && value is { Kind: RespKind.Array, Items: [{ Bytes: var kind }, _, { } payload] } && kind.AsSpan().SequenceEqual("message"u8))
        {
            _onMessage(payload.Bytes);
            return;
        }

        TaskCompletionSource<RespValue> answer;
        lock (_guard)
        {
            answer = _unanswered.TryDequeue(out var oldest) ? oldest.Answer : throw new IOException("an answer came that nobody asked for");
        }

        _ = value.Kind == RespKind.Error
            ? answer.TrySetException(new RedisException($"Redis at {_name} refused: {value.Text}") { Code = value.Text.Split(' ')[0] })
            : answer.TrySetResult(value);
    }

    /// <summary>Finds a connection that is dead and does not say so.</summary>
    private async Task Watch()
    {
        try
        {
            while (true)
            {
                await Task.Delay(PingEvery, _time, _ending.Token).ConfigureAwait(false);
                bool idle;
                bool late;
                lock (_guard)
                {
                    idle = !_unanswered.TryPeek(out var oldest);
                    late = !idle && _time.GetElapsedTime(oldest.Asked) > Timeout;
                }

                if (late)
                {
                    Break(new TimeoutException($"no answer within {Timeout.TotalSeconds} s"));
                }
                else if (idle)
                {
                    _ = Call("PING").ContinueWith(static ping => ping.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                }
            }
        }
        catch (OperationCanceledException e)
        {
            Break(e);
        }
    }

    private void Wake()
    {
        // One permit is enough: the transmitter takes all that is there.
        if (_something.CurrentCount == 0)
        {
            try
            {
                _something.Release();
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile; the call has failed already.
            }
        }
    }

    private void Break(Exception cause)
    {
        List<TaskCompletionSource<RespValue>> lost;
        lock (_guard)
        {
            if (_broken is not null)
            {
                return;
            }

            _broken = cause;
            lost = [.. _unanswered.Select(call => call.Answer)];
            _unanswered.Clear();
        }

        foreach (TaskCompletionSource<RespValue> answer in lost)
        {
            answer.TrySetException(new RedisException($"The connection to Redis at {_name} broke before the answer: {cause.Message}", cause));
        }

        _ending.Cancel();
    }
}
