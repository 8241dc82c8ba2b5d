using System.Threading.Channels;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Media;
using MlvcRtc.Rtp;
using MlvcRtc.Signaling.Client;
using MlvcRtc.Signaling.Messages;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.App.Calls;

/// <summary>
/// One call, from joining the room to leaving it: one loop that takes what signaling, the path, the network and the clock tell, and keeps signaling, peer and media in step.
/// <code>
/// SignalingClient ─┐                      ┌─► Negotiation ─► IRtcPeer
/// IRtcPeer ────────┼─► events ─► the loop ┼─► CallMedia: pipelines over the peer's channels
/// network, clock ──┘                      └─► watch: statistics, live table
/// </code>
/// </summary>
/// <param name="watch">Called some times a second while the call is connected, on the loop.</param>
/// <param name="told">Called on the loop when the call has come to another stage; null = nobody.</param>
internal sealed class CallSession(CallSettings settings, ICallDevices devices, MlvcParameters own, Terminal terminal, TimeProvider time, Action<CallSession> watch, Action<CallStage>? told = null) : IAsyncDisposable
{
    /// <summary>How finely deadlines are kept, and how often statistics are looked at.</summary>
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A path that is not found by then is not found: ICE's own patience (RFC 8445 §14.3 allows 39.5 s for the slowest; common paths take below 10).</summary>
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);

    /// <summary>A search for a new path that did not succeed is begun anew after so long.</summary>
    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(5);

    /// <summary>TURN credentials are renewed when this share of their life is over.</summary>
    private const double RenewAt = 0.75;

    /// <summary>However short a life the server tells: asking anew at every tick would help nobody.</summary>
    private const int LeastLifetimeSeconds = 60;

    private readonly Channel<CallEvent> _events = Channel.CreateUnbounded<CallEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SignalingClient _signaling = new(
        new SignalingClientOptions { Servers = settings.Servers, Room = settings.Room, Token = settings.Token }, time, new Random());

    private IReadOnlyList<IceServer> _iceServers = [];
    private TimeSpan? _renewServersAt;
    private Negotiation? _negotiation;
    private IPacketLink? _listenedTo;
    private uint? _remoteSsrc;
    private TimeSpan? _lostAt;
    private TimeSpan _restartedAt;

    public CallMoments Moments { get; } = new();

    /// <summary>Null until the other side came.</summary>
    public IRtcPeer? Peer { get; private set; }

    /// <summary>Null until channels are agreed on.</summary>
    public CallMedia? Media { get; private set; }

    private CallStage Stage => Peer is null ? CallStage.Waiting : Moments.Connected is null ? CallStage.Connecting : _lostAt is null ? CallStage.Connected : CallStage.Reconnecting;

    private TimeSpan Now => MediaClock.Now(time);

    /// <summary>Joins, calls, and returns when the call is over; then all of its threads are stopped.</summary>
    /// <exception cref="UserError">The room could not be joined, or nothing could be agreed on.</exception>
    /// <exception cref="OperationCanceledException">Ended before there was a connection.</exception>
    public async Task<CallEnd> RunAsync(CancellationToken cancel)
    {
        Moments.Joining = Now;
        Joined seat = await JoinAsync(cancel);
        Moments.Joined = Now;
        Moments.JoinedSecond = seat.Peers.Count > 0;
        terminal.Say($"in room {settings.Room}; {(seat.Peers.Count == 0 ? "waiting for the other side" : "the other side is here")}");
        Task pump = PumpAsync();
        await using ITimer ticker = time.CreateTimer(_ => Post(new Tick()), null, TickInterval, TickInterval);
        using NetworkWatch network = new(() => Post(new NetworkChanged()), time);
        try
        {
            return await LoopAsync(cancel);
        }
        catch (OperationCanceledException) when (Moments.Connected is not null)
        {
            return CallEnd.WeHungUp;
        }
        finally
        {
            Moments.Ended = Now;
            await StopAsync();
            await pump;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _signaling.DisposeAsync();
        if (Peer is not null)
        {
            await Peer.DisposeAsync();
        }

        Media?.Dispose();
    }

    private void Post(CallEvent happened) => _events.Writer.TryWrite(happened);

    private async Task<Joined> JoinAsync(CancellationToken cancel)
    {
        try
        {
            Joined seat = await _signaling.JoinAsync(cancel);
            Take(seat.IceServers, seat.IceServersTtl);
            return seat;
        }
        catch (SignalingException refused)
        {
            bool ours = refused.Code is ErrorCode.BadRoomName || refused.Code.StartsWith("token", StringComparison.Ordinal);
            throw new UserError(ours ? ExitCode.BadInput : ExitCode.Failed, $"Room {settings.Room} could not be joined: {refused.Message}{(refused.Code == ErrorCode.TokenRequired ? " Pass the one you got with --token, or in MLVCRTC_TOKEN." : "")}", refused);
        }
    }

    private async Task PumpAsync()
    {
        await foreach (SignalingEvent told in _signaling.Events.ReadAllAsync())
        {
            Post(new Signalled(told));
        }
    }

    private async Task<CallEnd> LoopAsync(CancellationToken cancel)
    {
        CallStage? last = null;
        while (true)
        {
            if (Stage != last)
            {
                last = Stage;
                told?.Invoke(last.Value);
            }

            CallEnd? end = await _events.Reader.ReadAsync(cancel) switch
            {
                Signalled { Event: var told } => await TakeAsync(told, cancel),
                PathChanged { State: var state } path when path.Peer == Peer => await TakeAsync(state, cancel),
                NetworkChanged => await NetworkChangedAsync(cancel),
                SaidGoodbye said when said.Peer == Peer => await TheyLeftAsync(),
                Tick => await TickAsync(cancel),
                _ => null,
            };
            if (end is { } over)
            {
                return over;
            }
        }
    }

    private async Task<CallEnd?> TakeAsync(SignalingEvent told, CancellationToken cancel)
    {
        switch (told)
        {
            case PeerArrived arrived:
                await MeetAsync(arrived.Polite, cancel);
                break;
            case PeerGone { Reason: not PeerGone.SeatLost } when Peer is not null:
                return await TheyLeftAsync();
            case MessageArrived { Message: var message } when _negotiation is not null:
                await NegotiateAsync(message, cancel);
                break;
            case IceServersArrived fresh:
                Take(fresh.Servers, fresh.Ttl);
                break;
            case ConnectionDropped dropped:
                terminal.Notice($"signaling dropped ({dropped.Reason}); media goes on");
                break;
            case SignalingEnded ended when Moments.Connected is null:
                throw new UserError(ExitCode.Failed, $"Signaling ended: {ended.Message}");
            case SignalingEnded ended:
                terminal.Notice($"signaling ended ({ended.Message}); the call goes on, but cannot move to another network");
                break;
        }

        return null;
    }

    /// <summary>The other side is in the room, for the first time or after a lost seat.</summary>
    private async Task MeetAsync(bool polite, CancellationToken cancel)
    {
        bool again = Peer is not null;
        Moments.PeerArrived ??= Now;
        if (Peer is null)
        {
            IRtcPeer made = Peer = CreatePeer();
            made.StateChanged += state => Post(new PathChanged(made, state));
        }

        _negotiation?.Dispose();
        _negotiation = new Negotiation(Peer, polite, _signaling.Send);
        await _negotiation.StartAsync(restart: again, cancel);
    }

    /// <summary>A call that had begun is over; of one that had not, nothing stays, and the next to come is met as if the first.</summary>
    private async Task<CallEnd?> TheyLeftAsync()
    {
        if (Moments.Connected is not null)
        {
            return CallEnd.TheyHungUp;
        }

        terminal.Notice("the other side left before there was a connection; waiting for another one");
        await StopMediaAsync();
        Media?.Dispose();
        Media = null;
        await Peer!.DisposeAsync();
        Peer = null;
        Moments.PeerArrived = null;
        return null;
    }

    private IRtcPeer CreatePeer()
    {
        try
        {
            return settings.Peers.Create(new RtcPeerOptions
            {
                Media = [MlvcMedia.Describe(own), OpusMedia.Describe()],
                IceServers = _iceServers,
                RelayOnly = settings.RelayOnly,
                IncludeLoopback = settings.Loopback,
            });
        }
        catch (ArgumentException contradiction)
        {
            throw new UserError(ExitCode.Failed, contradiction.Message, contradiction);  // --relay-only, and the server told of no relay
        }
    }

    private async Task NegotiateAsync(NumberedMessage message, CancellationToken cancel)
    {
        try
        {
            await _negotiation!.TakeAsync(message, cancel);
        }
        catch (FormatException wrong)
        {
            throw new UserError(ExitCode.Failed, $"The other side's description cannot be used: {wrong.Message}", wrong);
        }
        catch (InvalidOperationException) when (Peer!.State == PeerState.Closed)
        {
            return;  // it has hung up meanwhile; the event that says so is on its way
        }

        if (Media is null && message is Offer or Answer && Moments.Connected is null)
        {
            await OpenMediaAsync(cancel);
        }
    }

    private async Task OpenMediaAsync(CancellationToken cancel)
    {
        IReadOnlyList<MediaChannel> channels = [.. Peer!.Channels.Select(settings.Through)];
        VideoAgreement agreed = VideoAgreement.Of(channels, own);
        Media = new CallMedia(devices, settings, agreed, channels.FirstOrDefault(channel => channel.Kind == MediaKind.Audio), time);
        (_listenedTo, _remoteSsrc) = (agreed.Channel.Link, agreed.Channel.RemoteSsrc);
        _listenedTo.Arrived += ListenForGoodbye;
        await Media.ReceiveAsync(cancel);
    }

    private async Task<CallEnd?> TakeAsync(PeerState state, CancellationToken cancel)
    {
        switch (state)
        {
            case PeerState.Connected when Media is not null:
                _lostAt = null;
                if (Moments.Connected is null)
                {
                    Moments.Connected = Now;
                    await Media.SendAsync(cancel);
                }

                break;
            case PeerState.Closed:
                return await TheyLeftAsync();  // by DTLS close_notify; its other goodbyes may be lost
            case PeerState.Failed when Moments.Connected is null:
                throw new UserError(ExitCode.Failed, $"No connection to the other side: {Peer?.Failure}");
            // Only the first news begins a search: a search says "disconnected" itself until the other side has answered, and would for ever be followed by the next. One in vain ends by the clock.
            case PeerState.Disconnected or PeerState.Failed when Moments.Connected is not null && _lostAt is null:
                Moments.PathLosses++;
                _lostAt = Now;
                await RestartAsync(cancel);
                break;
        }

        return null;
    }

    private async Task<CallEnd?> NetworkChangedAsync(CancellationToken cancel)
    {
        _signaling.Reconnect();
        if (Moments.Connected is not null)
        {
            await RestartAsync(cancel);
        }

        return null;
    }

    private async Task RestartAsync(CancellationToken cancel)
    {
        if (_negotiation is not null)
        {
            _restartedAt = Now;
            Moments.Restarts++;
            try
            {
                await _negotiation.RestartAsync(cancel);
            }
            catch (InvalidOperationException) when (Peer!.State == PeerState.Closed)
            {
                // it has hung up meanwhile; the event that says so is on its way
            }
        }
    }

    private async Task<CallEnd?> TickAsync(CancellationToken cancel)
    {
        TimeSpan now = Now;
        if (_renewServersAt < now)
        {
            _renewServersAt = null;
            _signaling.RequestIceServers();
        }

        if (Moments.Connected is null)
        {
            return now - Moments.PeerArrived > ConnectPatience
                ? throw new UserError(ExitCode.Failed, $"No connection to the other side within {ConnectPatience.TotalSeconds:0} s. {Peer?.Failure ?? "Is UDP blocked on the way? A TURN server at the signaling server helps."}")
                : null;
        }

        if (Media!.Completion.IsFaulted)
        {
            await Media.Completion;
        }

        Media.PathTakes(Peer!.GetStatistics().CurrentRoundTripTime);
        Moments.FirstFrame ??= Media.FirstFrame;
        watch(this);
        if (_lostAt is { } lost)
        {
            if (now - lost > ConnectPatience)
            {
                return CallEnd.ConnectionLost;
            }

            if (now - _restartedAt > RestartInterval)
            {
                await RestartAsync(cancel);
            }
        }

        return now - Moments.Connected > settings.Length ? CallEnd.TimeIsUp : Media.Capture.Completion.IsCompleted ? CallEnd.WeHungUp : null;
    }

    private void Take(IReadOnlyList<IceServerInfo> servers, int? lifetimeSeconds)
    {
        IceServer[] told = [.. servers.SelectMany(server => server.Urls.Select(url => new IceServer(url, server.Username, server.Credential))).Take(IceServerInfo.MaxServers)];
        _renewServersAt = lifetimeSeconds is { } seconds ? Now + (Math.Max(seconds, LeastLifetimeSeconds) * RenewAt * TimeSpan.FromSeconds(1)) : null;
        try
        {
            if (Peer is not null)
            {
                Peer.IceServers = told;
            }

            _iceServers = told;
        }
        catch (ArgumentException wrong)
        {
            terminal.Notice($"the signaling server named servers that cannot be used, those of before stay: {wrong.Message}");
        }
    }

    private void ListenForGoodbye(ReadOnlySpan<byte> packet, TimeSpan arrival)
    {
        if (Goodbye.IsIn(packet, _remoteSsrc))
        {
            Post(new SaidGoodbye(Peer!));
        }
    }

    private async Task StopAsync()
    {
        await StopMediaAsync();
        await _signaling.LeaveAsync();
    }

    private async Task StopMediaAsync()
    {
        if (_listenedTo is not null)
        {
            _listenedTo.Arrived -= ListenForGoodbye;
        }

        if (Media is not null)
        {
            await Media.StopAsync();
            Moments.FirstFrame ??= Media.FirstFrame;
        }

        _negotiation?.Dispose();
        _negotiation = null;
    }
}
