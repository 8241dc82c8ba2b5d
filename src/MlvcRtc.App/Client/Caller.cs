using System.Net;
using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;

namespace MlvcRtc.App.Client;

/// <summary>Does what the page asks: one call at a time, as many after each other as it likes. The codec is loaded beside the page and kept from call to call.</summary>
/// <param name="device">What the networks run on, as <see cref="EngineOpening.Open"/> takes it.</param>
/// <param name="peers">How to reach the other side.</param>
/// <param name="told">Hears every message for the page.</param>
internal sealed class Caller(Surroundings surroundings, ModelBundle bundle, string? device, IRtcPeerFactory peers, PageDevices page, Action<ControlMessage> told) : IAsyncDisposable
{
    /// <summary>As 'mlvcrtc call --host'; when it is taken, any other.</summary>
    private const int PreferredPort = 8765;

    /// <summary>The lab's chances are the same in every call: what a person tries twice is the same network twice.</summary>
    private const int LabSeed = 1;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly MlvcParameters _own = new() { Models = [bundle.ModelTag] };
    private Task _call = Task.CompletedTask;
    private CancellationTokenSource? _hangUp;
    private EmbeddedServer? _server;
    private (VideoCoders Coders, PictureSize Size, int Rate)? _coders;
    private LabRequest _lab = LabRequest.Off;
    private LabLink? _link;
    private bool _camera = true;
    private bool _microphone = true;

    private TimeProvider Time => surroundings.Time;

    /// <summary>What a page that comes is told first.</summary>
    public StateMessage State { get; private set; } = new("idle");

    /// <summary>Loads the codec and makes the process's first connection, so that the first call need not wait. Harmless to leave out.</summary>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            Task rehearsal = Task.Run(() => Rehearsal.RunAsync(peers, _own, Time, cancel), cancel);
            await LoadAsync(new PictureSize(320, 180), 30, cancel);
            await rehearsal;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Takes one request; the call itself goes on after the return.</summary>
    public async Task TakeAsync(ControlRequest request)
    {
        switch (request)
        {
            case JoinRequest when !_call.IsCompleted:
                told(new ErrorReport("bad-request", "A call is going on already.", "Hang up first."));
                break;
            case JoinRequest join:
                _hangUp?.Dispose();
                _hangUp = new CancellationTokenSource();
                (_camera, _microphone) = (true, true);
                _call = CallAsync(join, _hangUp.Token);
                break;
            case HangUpRequest:
                await HangUpAsync();
                break;
            case CameraRequest camera:
                page.Camera.On = _camera = camera.On;
                break;
            case MicrophoneRequest microphone:
                page.Microphone.On = _microphone = microphone.On;
                break;
            case LoudspeakerRequest loudspeaker:
                page.Loudspeaker = loudspeaker.Delay;
                break;
            case LabRequest lab:
                _lab = lab;
                _link?.Set(lab);
                break;
        }
    }

    /// <summary>Returns when no call is left.</summary>
    public async Task HangUpAsync()
    {
        if (_hangUp is { } hangUp)
        {
            await hangUp.CancelAsync();
        }

        await _call;
    }

    public async ValueTask DisposeAsync()
    {
        await HangUpAsync();
        await _turn.WaitAsync();
        _hangUp?.Dispose();
        _coders?.Coders.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _turn.Dispose();
    }

    private async Task CallAsync(JoinRequest join, CancellationToken hangUp)
    {
        Tell(new StateMessage("joining"));
        bool met = false;
        try
        {
            await _turn.WaitAsync(hangUp);
            try
            {
                CallEnd end = await CallAsync(join, stage => met |= stage != CallStage.Waiting, hangUp);
                Tell(new StateMessage("ended", end switch
                {
                    CallEnd.TheyHungUp => "they-hung-up",
                    CallEnd.ConnectionLost => "connection-lost",
                    CallEnd.TimeIsUp => "time-is-up",
                    _ => "you-hung-up",
                }));
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            Tell(new StateMessage("ended", "you-hung-up"));
        }
#pragma warning disable CA1031 // The last door of a call: the page learns what was wrong, and the program is there for the next one.
        catch (Exception wrong)
#pragma warning restore CA1031
        {
            surroundings.Terminal.Error.WriteLine($"error: {wrong.Message}");
            told(CallFailure.Explain(wrong, met));
            Tell(new StateMessage("ended", "failed"));
        }
    }

    private async Task<CallEnd> CallAsync(JoinRequest join, Action<CallStage> reached, CancellationToken hangUp)
    {
        VideoCoders coders = await LoadAsync(join.Size, join.FramesPerSecond, hangUp);
        coders.Budget.TargetKbps = join.Kbps;
        (CallSettings settings, string? invitation) = await SettingsAsync(join);
        ClientDevices devices = new(page, coders, join.SendsSound, Time);
        page.Frames.Clear();
        page.Camera.Begin(join.Size, join.FramesPerSecond);
        (page.Camera.On, page.Microphone.On) = (_camera, _microphone);
        await using LabLink lab = new(LabSeed, Time);
        await lab.StartAsync();
        lab.Set(_lab);
        _link = lab;
        try
        {
            ClientStatistics statistics = new(devices, settings.Loopback, Time);
            await using CallSession session = new(
                settings with { Through = lab.Through },
                devices,
                _own,
                surroundings.Terminal,
                Time,
                watch: session =>
                {
                    if (statistics.Sample(session) is { } figures)
                    {
                        told(figures);
                    }
                },
                told: stage =>
                {
                    reached(stage);
                    Tell(new StateMessage(NameOf(stage), Invitation: invitation));
                });
            return await session.RunAsync(hangUp);
        }
        finally
        {
            _link = null;
            page.Camera.End();
        }
    }

    private async Task<VideoCoders> LoadAsync(PictureSize size, int framesPerSecond, CancellationToken cancel)
    {
        if (_coders is { } kept && (kept.Size, kept.Rate) == (size, framesPerSecond))
        {
            return kept.Coders;
        }

        _coders?.Coders.Dispose();
        _coders = null;
        VideoCoders coders = await Task.Factory.StartNew(() => Load(size, new FrameRate(framesPerSecond, 1), cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _coders = (coders, size, framesPerSecond);
        return coders;
    }

    private VideoCoders Load(PictureSize size, FrameRate rate, CancellationToken cancel)
    {
        RunningModel model = EngineOpening.Open(surroundings, device, bundle, size, rate, cancel);
        VideoCoders coders = new(model.Bundle, size, rate, kbps: 300, model.Engine);
        try
        {
            coders.WarmUp();
            return coders;
        }
        catch
        {
            coders.Dispose();
            throw;
        }
    }

    /// <summary>Where to meet: at a server, or here.</summary>
    private async Task<(CallSettings Settings, string? Invitation)> SettingsAsync(JoinRequest join)
    {
        CallSettings settings = new() { Servers = [], Room = join.Room, Token = join.Token, Kbps = join.Kbps, Peers = peers };
        if (join.Server != JoinRequest.Host)
        {
            IReadOnlyList<Uri> servers = ServerAddresses.Parse(join.Server);
            return (settings with { Servers = servers, Loopback = servers.All(static server => server.IsLoopback) }, null);
        }

        _server ??= await StartServerAsync();
        string? address = EmbeddedServer.LanAddresses().FirstOrDefault();
        return (settings with { Servers = [_server.LocalAddress], Loopback = address is null }, $"ws://{address ?? "127.0.0.1"}:{_server.Port}");
    }

    private async Task<EmbeddedServer> StartServerAsync()
    {
        try
        {
            return await EmbeddedServer.StartAsync(IPAddress.Any, PreferredPort, Time);
        }
        catch (UserError)
        {
            return await EmbeddedServer.StartAsync(IPAddress.Any, 0, Time);  // another client on this machine is a host, too
        }
    }

    private void Tell(StateMessage state)
    {
        State = state;
        told(state);
    }

    private static string NameOf(CallStage stage) => stage switch
    {
        CallStage.Waiting => "waiting",
        CallStage.Connecting => "connecting",
        CallStage.Connected => "connected",
        _ => "reconnecting",
    };
}
