using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;
using MlvcRtc.WebRtc;
using MlvcRtc.WebRtc.Sdp;
using Spectre.Console;

namespace MlvcRtc.App.Calls;

/// <summary>One run of 'call', from the options to the files.</summary>
internal sealed class CallRun(Surroundings surroundings, CallSettings settings, string? model, IReadOnlyList<string> typed, string? json)
{
    /// <summary>One line of a log.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private readonly List<string> _written = [];
    private double _loggedAt = double.NegativeInfinity;

    /// <summary>Paths of the files written, in order.</summary>
    public IReadOnlyList<string> Written => _written;

    /// <exception cref="UserError">No call came about.</exception>
    /// <exception cref="OperationCanceledException">Ended before there was a connection.</exception>
    public async Task<CallReport> RunAsync(CancellationToken cancel)
    {
        ModelBundle bundle = BundleOpening.Open(model);
        MlvcParameters own = new() { Models = [bundle.ModelTag] };
        Task rehearsal = Task.Run(() => Rehearsal.RunAsync(settings.Peers, own, surroundings.Time, cancel), cancel);  // beside the loading of the models
        using CallDevices devices = new(surroundings, settings, bundle, cancel);
        surroundings.Terminal.Say($"{devices.Source.Name}: {devices.Source.Size} at {devices.Source.Rate.PerSecond:0.##} fps, {(settings.FixedRate ? "" : "up to ")}{settings.Kbps} kbit/s; model {bundle.Name} {bundle.Version}; transport {settings.Peers.Name}");
        await rehearsal;
        if (!surroundings.Terminal.IsInteractive)
        {
            return await CallAsync(bundle, own, devices, (point, _) => Log(point), cancel);
        }

        CallReport? report = null;
        await surroundings.Terminal.Canvas().Live(CallTable.Draw(null, null)).StartAsync(async live =>
            report = await CallAsync(bundle, own, devices, (point, media) => live.UpdateTarget(CallTable.Draw(point, media)), cancel));
        return report!;
    }

    private async Task<CallReport> CallAsync(ModelBundle bundle, MlvcParameters own, CallDevices devices, Action<CallPoint, CallMedia> show, CancellationToken cancel)
    {
        CallTimeline timeline = new(devices, surroundings.Time);
        RefusalNotices refusals = new();
        PeerStatistics? path = null;
        await using CallSession session = new(settings, devices, own, surroundings.Terminal, surroundings.Time, session =>
        {
            path = session.Peer!.GetStatistics();
            surroundings.Terminal.Notice(refusals.Next(path.Discarded, MediaClock.Now(surroundings.Time)));
            if (timeline.Sample(session) is { } point)
            {
                show(point, session.Media!);
            }
        });
        CallEnd end = await session.RunAsync(cancel);
        Keep(devices);
        if (settings.Trace is { } trace)
        {
            _written.Add(trace.Write());
        }

        CallReport report = CallReport.Of(session, end, settings, devices, path, timeline.Points);
        if (json is not null)
        {
            ReportFile.Write(json, ReportFile.Render(report, bundle.ToReport(), typed, surroundings.Time));
            _written.Add(json);
        }

        return report;
    }

    private void Keep(CallDevices devices)
    {
        surroundings.Terminal.Notice(devices.Source.Notice);
        if (devices.Video.Complete() is { } video)
        {
            _written.Add(video);
        }

        if (devices.Recording is { } recording)
        {
            recording.Complete();
            _written.Add(settings.AudioOutput!);
        }
    }

    private void Log(CallPoint point)
    {
        if (point.Second - _loggedAt >= LogInterval.TotalSeconds)
        {
            _loggedAt = point.Second;
            surroundings.Terminal.Out.WriteLine(point.Line);
        }
    }
}
