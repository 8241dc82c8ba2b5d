using System.Net.WebSockets;
using System.Threading.Channels;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Sockets;

namespace MlvcRtc.Signaling.Client;

/// <summary>
/// One participant's end of the signaling: joins a room, passes numbered messages to the other participant and back, and keeps the seat when sockets or nodes die. One loop runs inside; its events
/// are read in order from <see cref="Events"/>. Members may be called from any thread.
/// </summary>
public sealed class SignalingClient : IAsyncDisposable
{
    /// <summary>Code of <see cref="SignalingEnded"/> after <see cref="LeaveAsync"/>.</summary>
    public const string Left = "left";

    /// <summary>Code when no server answered in time.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>A node that died without a word answers no connection attempt.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long <see cref="LeaveAsync"/> waits for its bye to be sent.</summary>
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly SignalingClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ReconnectPlan _plan;
    private readonly Channel<SignalingEvent> _events = Channel.CreateUnbounded<SignalingEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<Joined> _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Participant _self;
    private MessageSocket? _socket;
    private Task _loop = Task.CompletedTask;
    private bool _leaving;
    private int _disposed;

    /// <param name="random">For the scatter of reconnects only.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names it.</exception>
    public SignalingClient(SignalingClientOptions options, TimeProvider time, Random random)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _time = time;
        _plan = new ReconnectPlan(options.Servers, random);
        _self = new Participant(_events.Writer);
    }

    /// <summary>What happens, in order; ends after <see cref="SignalingEnded"/>. One reader.</summary>
    public ChannelReader<SignalingEvent> Events => _events.Reader;

    /// <summary>Connects and takes a seat.</summary>
    /// <exception cref="SignalingException">Refused, or no server answered.</exception>
    public async Task<Joined> JoinAsync(CancellationToken cancel = default)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_leaving, this);
            if (_loop != Task.CompletedTask)
            {
                throw new InvalidOperationException("A client joins once; make another one.");
            }

            _loop = Task.Run(RunAsync, CancellationToken.None);
        }

        return await _joined.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Sends to the other participant; number and address are filled in. It arrives exactly once and in order, even over drops, as long as both keep their seats.</summary>
    /// <returns>False: nobody is there.</returns>
    /// <exception cref="InvalidOperationException">The other has acknowledged nothing for very long.</exception>
    public bool Send(NumberedMessage message)
    {
        lock (_lock)
        {
            if (_self.Exchange is not { } exchange)
            {
                return false;
            }

            NumberedMessage numbered = exchange.Send(message, Now);
            _socket?.TrySend(numbered);  // if there is none, or it is full, the repetition sends it
            return true;
        }
    }

    /// <summary>Asks for fresh TURN credentials; they come as <see cref="IceServersArrived"/>.</summary>
    public void RequestIceServers()
    {
        lock (_lock)
        {
            _socket?.TrySend(new IceServersRequest());
        }
    }

    /// <summary>The network has changed: do not wait until the old connection is found dead, make a new one.</summary>
    public void Reconnect()
    {
        lock (_lock)
        {
            _socket?.Abort();
        }
    }

    /// <summary>Gives up the seat and ends.</summary>
    public async Task LeaveAsync()
    {
        Task loop;
        lock (_lock)
        {
            _leaving = true;
            loop = _loop;
            _socket?.TrySend(new Bye());
            _socket?.Close(WebSocketCloseStatus.NormalClosure, "bye");
            if (_socket is null)
            {
                _end.Cancel();
            }
        }

        try
        {
            await loop.WaitAsync(FarewellTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _end.CancelAsync().ConfigureAwait(false);
            await loop.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await LeaveAsync().ConfigureAwait(false);
        _events.Writer.TryComplete();
        _joined.TrySetException(new SignalingException(Left, "The client was ended before it had joined."));
        _ = _joined.Task.Exception;  // seen
        _end.Dispose();
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    private async Task RunAsync()
    {
        TimeSpan droppedAt = Now;
        SignalingEnded end = new(Left, "We left.");
        try
        {
            while (true)
            {
                Drop drop = await ConnectAndServeAsync(droppedAt).ConfigureAwait(false);
                if (_leaving || _end.IsCancellationRequested)
                {
                    break;
                }

                if (drop.WasJoined)
                {
                    droppedAt = Now;
                    _events.Writer.TryWrite(new ConnectionDropped(drop.Message));
                }

                if (drop.Code is ErrorCode.ResumeExpired or ErrorCode.SeatLost)
                {
                    _self.LoseSeat();  // and join afresh
                }
                else if (drop.Code is { } code && !ErrorCode.IsTransient(code))
                {
                    end = new SignalingEnded(code, drop.Message);
                    break;
                }

                if (Now - droppedAt > (_joined.Task.IsCompleted ? _options.ResumePatience : _options.JoinPatience))
                {
                    end = new SignalingEnded(drop.Code ?? Unreachable, $"No connection to {string.Join(", ", _options.Servers)}: {drop.Message} Check the address, the network and that the server runs.");
                    break;
                }

                await Task.Delay(drop.Pause, _time, _end.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // We left while waiting.
        }
        finally
        {
            _joined.TrySetException(new SignalingException(end.Code, end.Message));
            _ = _joined.Task.Exception;  // seen, should nobody await it any more
            _events.Writer.TryWrite(end);
            _events.Writer.TryComplete();
        }
    }

    /// <summary>One connection, from its beginning to its end.</summary>
    private async Task<Drop> ConnectAndServeAsync(TimeSpan droppedAt)
    {
        using ClientWebSocket web = new();
        web.Options.AddSubProtocol(SignalingProtocol.SubProtocol);
        web.Options.KeepAliveInterval = TimeSpan.Zero;  // our own pings reach further: through the node's message loop
        _options.Configure?.Invoke(web.Options);
        using CancellationTokenSource timeout = new(ConnectTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _end.Token);
        try
        {
            await web.ConnectAsync(Endpoint(_plan.Server), either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or HttpRequestException or IOException)
        {
            string message = exception is OperationCanceledException ? "No answer." : exception.InnerException?.Message ?? exception.Message;
            return new Drop(null, message, false, _plan.Failed());
        }

        using MessageSocket socket = new(web, _time);
        try
        {
            return await ServeAsync(socket, droppedAt).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _socket = null;
            }

            socket.Abort();
        }
    }

    private async Task<Drop> ServeAsync(MessageSocket socket, TimeSpan droppedAt)
    {
        TimeSpan heard = Now;
        bool joined = false;
        ErrorMessage? error = null;
        TimeSpan? pause = null;
        lock (_lock)
        {
            socket.TrySend(_self.JoinRequest(_options));
        }

        await using ITimer timer = _time.CreateTimer(_ => Tick(socket, ref heard), null, TickInterval, TickInterval);
        while (true)
        {
            Received received = await socket.ReceiveAsync(_end.Token).ConfigureAwait(false);
            if (received.Kind is ReceivedKind.UnknownType)
            {
                continue;  // of a newer server
            }

            if (received.Message is not { } message)
            {
                string reason = error?.Message ?? received.Problem ?? "The connection broke.";
                TimeSpan wait = pause ?? (joined ? TimeSpan.Zero : _plan.Failed());
                return new Drop(error?.Code, reason, joined, wait);
            }

            lock (_lock)
            {
                heard = Now;
                switch (message)
                {
                    case Joined seat when !joined:
                        joined = true;
                        _socket = socket;
                        _plan.Succeeded();
                        bool first = _joined.TrySetResult(seat);
                        SendAll(socket, _self.Seated(seat, Now));
                        if (!first)
                        {
                            _events.Writer.TryWrite(new ConnectionResumed(Now - droppedAt));
                            _events.Writer.TryWrite(new IceServersArrived(seat.IceServers, seat.IceServersTtl));
                        }

                        if (_leaving)
                        {
                            socket.TrySend(new Bye());
                            socket.Close(WebSocketCloseStatus.NormalClosure, "bye");
                        }

                        break;
                    case ErrorMessage refused:
                        error = refused.Closes ? refused : error;  // the others are about single messages, which are repeated or late
                        break;
                    case GoingAway away:
                        _plan.Avoid();
                        pause = TimeSpan.FromMilliseconds(Math.Clamp(away.AfterMs, 0, MaxAwayMs));
                        break;
                    case Ping ping:
                        socket.TrySend(new Pong(ping.Id));
                        break;
                    default:
                        SendAll(socket, _self.Take(message, Now));
                        break;
                }
            }
        }
    }

    /// <summary>How often silence and repetitions are looked at; fine enough for a first repetition after a second.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>A server may not send us to sleep beyond the resume window.</summary>
    private const int MaxAwayMs = 10_000;

    private void Tick(MessageSocket socket, ref TimeSpan heard)
    {
        lock (_lock)
        {
            TimeSpan silence = Now - heard;
            if (silence > SignalingProtocol.SilenceLimit)
            {
                socket.Abort();
                return;
            }

            if (_socket != socket)
            {
                return;  // not joined yet
            }

            if (_self.PingDue(Now))
            {
                socket.TrySend(new Ping(0));
            }

            SendAll(socket, _self.Exchange?.Due(Now) ?? []);
        }
    }

    private static void SendAll(MessageSocket socket, IReadOnlyList<SignalMessage> messages)
    {
        foreach (SignalMessage message in messages)
        {
            socket.TrySend(message);
        }
    }

    private static Uri Endpoint(Uri server) => server.AbsolutePath is "/" or "" ? new Uri(server, SignalingProtocol.Path) : server;

    /// <param name="Code">What the server said; null = nothing.</param>
    /// <param name="Pause">Before the next attempt.</param>
    private sealed record Drop(string? Code, string Message, bool WasJoined, TimeSpan Pause);
}
