using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlvcRtc.App.CommandLine;
using MlvcRtc.Call;
using MlvcRtc.Lab.Network;
using MlvcRtc.Media;
using Spectre.Console;

namespace MlvcRtc.App.Demo;

/// <summary>
/// The call itself: two participants, A and B, joined by a simulated network in real time, all of them hosted services. Runs until A's video ends, shows the
/// table meanwhile, and samples the timeline.
/// </summary>
internal sealed class DemoCall(Surroundings surroundings, DemoSettings settings, DemoDirection aToB, DemoDirection bToA, SimulatedLink link)
{
    /// <summary>How finely instants of loss are known.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>One point of the timeline, one refresh of the table.</summary>
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    /// <summary>One line of a log.</summary>
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(2);

    /// <summary>What a frame needs beyond the network to be decoded, after the last was sent.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(400);

    private readonly Timeline _timeline = new();
    private readonly Dictionary<DemoDirection, DemoRow> _rows = [];
    private readonly Dictionary<DemoDirection, (long Bytes, double PsnrSum, int PsnrCount)> _before = [];
    private TimeSpan _sampledAt;
    private TimeSpan _loggedAt;
    private long _lostBefore;

    public async Task<Timeline> RunAsync(CancellationToken cancel)
    {
        using LinkPump pump = new(link, surroundings.Time);
        using IHost host = BuildHost(pump, out Participant a, out Participant b);
        await host.StartAsync(cancel);
        Task[] vital = [a.Completion, b.Completion, aToB.Capture.Completion, bToA.Capture.Completion, pump.ExecuteTask ?? Task.CompletedTask];
        try
        {
            TimeSpan begin = MediaClock.Now(surroundings.Time);
            if (surroundings.Terminal.IsInteractive)
            {
                await surroundings.Terminal.Canvas().Live(DemoTable.Draw(TimeSpan.Zero, settings.Seconds, [])).StartAsync(async live =>
                    await WatchAsync(begin, vital, elapsed => live.UpdateTarget(DemoTable.Draw(elapsed, settings.Seconds, _rows.Values)), cancel));
            }
            else
            {
                await WatchAsync(begin, vital, Log, cancel);
            }
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }

        await ThrowWhatBrokeAsync(vital);
        return _timeline;
    }

    private static async Task ThrowWhatBrokeAsync(Task[] vital)
    {
        foreach (Task failed in vital.Where(task => task.IsFaulted))
        {
            await failed;
        }
    }

    private IHost BuildHost(LinkPump pump, out Participant a, out Participant b)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new() { DisableDefaults = true });
        Participant participantA = a = new(aToB.Sending, bToA.Receiving);
        Participant participantB = b = new(bToA.Sending, aToB.Receiving);

        // Started in this order and stopped in the reverse: the network first and last.
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        builder.Services.AddSingleton<IHostedService>(_ => pump);
        builder.Services.AddSingleton<IHostedService>(_ => participantA);
        builder.Services.AddSingleton<IHostedService>(_ => participantB);
        builder.Services.AddSingleton<IHostedService>(_ => bToA.Capture);
        builder.Services.AddSingleton<IHostedService>(_ => aToB.Capture);
        return builder.Build();
    }

    /// <summary>Returns when A's video has ended and what was sent has arrived; throws what broke the call.</summary>
    private async Task WatchAsync(TimeSpan begin, Task[] vital, Action<TimeSpan> show, CancellationToken cancel)
    {
        while (!aToB.Capture.Completion.IsCompleted)
        {
            await Task.Delay(Tick, surroundings.Time, cancel);
            TimeSpan elapsed = MediaClock.Now(surroundings.Time) - begin;
            await ThrowWhatBrokeAsync(vital);
            NoteLosses(elapsed);
            if (elapsed - _sampledAt >= Refresh)
            {
                Sample(elapsed);
                show(elapsed);
            }
        }

        await aToB.Capture.Completion;
        await Task.Delay((settings.RoundTrip / 2) + Drain, surroundings.Time, cancel);
    }

    private void NoteLosses(TimeSpan elapsed)
    {
        LinkCounts counts = link.CountsAToB;
        long lost = counts.Lost + counts.Overflowed;
        if (lost > _lostBefore)
        {
            _timeline.AddLoss(elapsed.TotalSeconds);
            _lostBefore = lost;
        }
    }

    private void Sample(TimeSpan elapsed)
    {
        TimeSpan interval = elapsed - _sampledAt;
        _sampledAt = elapsed;
        _rows[aToB] = Row(aToB, link.CountsAToB, interval);
        _rows[bToA] = Row(bToA, link.CountsBToA, interval);
        _timeline.Add(elapsed.TotalSeconds, _rows[aToB].PsnrDb, _rows[aToB].Kbps);
    }

    private DemoRow Row(DemoDirection direction, LinkCounts counts, TimeSpan interval)
    {
        Call.Sending.SendStatistics sent = direction.Sending.Statistics;
        Call.Receiving.ReceiveStatistics received = direction.Receiving.Statistics;
        (double sumDb, int count) = direction.Psnr;
        (long bytesBefore, double sumBefore, int countBefore) = _before.GetValueOrDefault(direction);
        _before[direction] = (sent.BytesSent, sumDb, count);
        return new(
            direction.Name,
            sent.FramesCaptured,
            sent.FramesEncoded,
            received.FramesDecoded,
            (sent.BytesSent - bytesBefore) * 8 / 1000.0 / interval.TotalSeconds,
            count == countBefore ? double.NaN : (sumDb - sumBefore) / (count - countBefore),
            counts.Lost + counts.Overflowed,
            received.Recoveries,
            received.FreezeCount,
            received.LatencyP50.TotalMilliseconds);
    }

    private void Log(TimeSpan elapsed)
    {
        if (elapsed - _loggedAt < LogInterval)
        {
            return;
        }

        _loggedAt = elapsed;
        foreach (DemoRow row in _rows.Values)
        {
            surroundings.Terminal.Out.WriteLine(DemoTable.Line(elapsed, row));
        }
    }

    /// <summary>The verb decides when the host ends; Ctrl-C reaches it through the verb's token.</summary>
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
