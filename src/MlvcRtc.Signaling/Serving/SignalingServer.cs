using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using MlvcRtc.Signaling.Limits;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.Signaling.Rooms;
using MlvcRtc.Signaling.Sockets;
using MlvcRtc.Signaling.Tokens;
using MlvcRtc.Signaling.Turn;

namespace MlvcRtc.Signaling.Serving;

/// <summary>
/// One node of the signaling service: takes sockets that some HTTP server has upgraded and speaks <see cref="SignalingProtocol"/> with them. Knows no HTTP. Members may be called from any
/// thread.
/// </summary>
public sealed class SignalingServer : IAsyncDisposable
{
    /// <summary>How often deadlines are looked at; they are lower bounds, and one timer for all costs nothing per socket.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, Session> _sessions = new();
    private readonly AllowanceTable _addresses;
    private readonly AllowanceTable _subjects;
    private readonly ITimer _timer;
    private long _lastConnection;
    private volatile bool _draining;

    /// <param name="store">Stays the caller's.</param>
    /// <param name="metrics">Stays the caller's.</param>
    /// <exception cref="ArgumentException">The options are wrong; one line each.</exception>
    public SignalingServer(SignalingServerOptions options, IRoomStore store, TimeProvider time, ILogger log, SignalingMetrics metrics)
    {
        string[] problems = [.. options.Problems()];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, problems));
        }

        Store = store;
        Time = time;
        Log = log;
        Metrics = metrics;
        Names = new LogNames(options.LogKey);
        _addresses = new AllowanceTable(options.PerAddress, time);
        _subjects = new AllowanceTable(options.PerToken, time);
        TokenVerifier? verifier = options.JwtSecret is null ? null : new TokenVerifier(options.JwtSecret, options.JwtIssuer, options.JwtAudience, time);
        Admission = new Admission(verifier, _subjects, store, time);
        IceServers = new IceServerList(options.StunUrls, options.TurnUrls, options.TurnSecret, options.TurnLifetime, time);
        Housekeeping = new Housekeeping(this);
        Store.Arrived += Deliver;
        Store.NotesMayBeLost += LookAgain;
        _timer = time.CreateTimer(_ => Tick(), null, TickInterval, TickInterval);
    }

    /// <summary>New participants may come here.</summary>
    public bool IsReady => !_draining && Store.IsReady;

    /// <summary>Sockets being served.</summary>
    public int SessionCount => _sessions.Count;

    internal IRoomStore Store { get; }

    internal TimeProvider Time { get; }

    internal ILogger Log { get; }

    internal SignalingMetrics Metrics { get; }

    internal Housekeeping Housekeeping { get; }

    internal LogNames Names { get; }

    internal Admission Admission { get; }

    internal IceServerList IceServers { get; }

    /// <summary>The HTTP server before us has refused a request: counted and logged as "http-408" and the like.</summary>
    /// <param name="status">That it answered (RFC 9110 §15).</param>
    /// <param name="remote">As in <see cref="ServeAsync"/>.</param>
    public void RefusedUnheard(int status, IPAddress remote)
    {
        string code = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http-{status}");
        Metrics.Errors.Add(1, new KeyValuePair<string, object?>("code", code));
        SignalingLog.Refused(Log, code, Names.Of(AllowanceTable.KeyOf(remote)), connection: 0);
    }

    /// <summary>Serves one socket until it ends; never throws. The socket stays the caller's.</summary>
    /// <param name="remote">Who it is; behind a proxy the address that the proxy vouches for.</param>
    /// <param name="cancel">Cuts the connection at once.</param>
    public async Task ServeAsync(WebSocket socket, IPAddress remote, CancellationToken cancel)
    {
        long connection = Interlocked.Increment(ref _lastConnection);
        string address = Names.Of(AllowanceTable.KeyOf(remote));
        using MessageSocket messages = new(socket, Time);
        Session session = new(this, messages, connection, address);
        Allowance? allowance = _addresses.TryConnect(AllowanceTable.KeyOf(remote));
        _sessions[connection] = session;
        Metrics.Connections.Add(1);
        try
        {
            if (allowance is null)
            {
                session.Refuse(ErrorCode.TooManyConnections, "Too many connections from this address. Close some, or ask whoever runs the server for more.");
            }
            else if (_draining)
            {
                session.Refuse(ErrorCode.GoingAway, "This node is shutting down. Connect again; another one will answer.");
            }

            await session.RunAsync(allowance, cancel).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // One participant's misfortune must not be another's; the metric and the log tell of it.
            SignalingLog.Failed(Log, exception, connection);
        }
        finally
        {
            _sessions.TryRemove(connection, out _);
            Metrics.Connections.Add(-1);
            allowance?.Disconnect(Time.GetElapsedTime(0));
            messages.Abort();
        }
    }

    /// <summary>Sends everybody away and waits until they have gone; who has not by the deadline is cut. Seats are kept for the resume window.</summary>
    /// <param name="deadline">For all together.</param>
    public async Task DrainAsync(TimeSpan deadline)
    {
        _draining = true;
        SignalingLog.Draining(Log, _sessions.Count);
        foreach (Session session in _sessions.Values)
        {
            session.SendAway(RandomNumberGenerator.GetInt32(MaxAwayMs));
        }

        long start = Time.GetTimestamp();
        while (!_sessions.IsEmpty && Time.GetElapsedTime(start) < deadline)
        {
            await Task.Delay(DrainPoll, Time).ConfigureAwait(false);
        }

        SignalingLog.Drained(Log, _sessions.Count);
        foreach (Session session in _sessions.Values)
        {
            session.Abort();
        }
    }

    /// <summary>Clients of a node come back scattered over this many milliseconds: 4,000 in 2 s is what one other node takes.</summary>
    private const int MaxAwayMs = 2000;

    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(50);

    public async ValueTask DisposeAsync()
    {
        _draining = true;
        await _timer.DisposeAsync().ConfigureAwait(false);
        Store.Arrived -= Deliver;
        Store.NotesMayBeLost -= LookAgain;
        foreach (Session session in _sessions.Values)
        {
            session.Abort();
        }
    }

    /// <summary>To another participant's socket, here or at another node. Best effort.</summary>
    internal async ValueTask SendAsync(RoomNote note)
    {
        if (note.To.Node == Store.Node)
        {
            Deliver(note);
            return;
        }

        try
        {
            await Store.PublishAsync(note, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RoomStoreException exception)
        {
            // The sender repeats what is not acknowledged.
            StoreFailed(exception);
        }
    }

    internal void StoreFailed(RoomStoreException exception)
    {
        Metrics.StoreFailures.Add(1);
        SignalingLog.StoreFailed(Log, exception.Message);
    }

    private void Deliver(RoomNote note)
    {
        if (_sessions.TryGetValue(note.To.Connection, out Session? session) && note.To.Node == Store.Node)
        {
            session.Deliver(note);
        }
        else
        {
            Metrics.Undelivered.Add(1);
        }
    }

    private void LookAgain()
    {
        foreach (KeyValuePair<long, Session> entry in _sessions)
        {
            entry.Value.RenewSoon();
        }

        Housekeeping.Run(_sessions.Values);
    }

    private void Tick()
    {
        foreach (KeyValuePair<long, Session> entry in _sessions)
        {
            entry.Value.CheckDeadlines();
        }

        _addresses.Forget();
        _subjects.Forget();
        Housekeeping.Run(_sessions.Values);
    }
}
