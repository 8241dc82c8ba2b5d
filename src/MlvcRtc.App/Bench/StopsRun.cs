using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Bench;

/// <summary>What an endpoint was doing when it was stopped.</summary>
internal enum StopMoment
{
    /// <summary>It loads its networks: not a frame was coded before.</summary>
    Start,

    /// <summary>It codes at its pace.</summary>
    Running,

    /// <summary>Ten times as many pictures come as at its pace, and other programs take every core.</summary>
    Overload,
}

/// <summary>One endpoint that was stopped.</summary>
/// <param name="During">A <see cref="StopMoment"/>, in lower case.</param>
/// <param name="AfterMs">From its start to the word to stop.</param>
/// <param name="Frames">Coded until then.</param>
/// <param name="TakenMs">From that word until nothing of it was left.</param>
internal sealed record Stop(string During, double AfterMs, long Frames, double TakenMs);

/// <summary>Figures of 'bench --mode call --stops'; names are those of the report format.</summary>
/// <param name="SessionsOpened">Sessions and bindings of the engine that were in use at some time.</param>
/// <param name="SessionsLeft">Of those, after the last stop.</param>
/// <param name="ThreadsLeft">Threads of calls after the last stop; null where the system does not tell.</param>
/// <param name="SocketsLeft">More sockets than before the first; null where the system does not tell.</param>
internal sealed record StopsReport(
    string Mode, int Width, int Height, int TargetFps, int Seed, double LongestMs, Percentiles TakenMs, int SessionsOpened, int SessionsLeft, int? ThreadsLeft, int? SocketsLeft, IReadOnlyList<Stop> Stops);

/// <summary>Starts endpoints and ends each at a random moment: how long it takes, and what is left.</summary>
internal sealed class StopsRun(Surroundings surroundings, ModelBundle bundle, INeuralEngine engine, BenchSettings settings, BenchMaterial material)
{
    /// <summary>Words to stop fall within so long after the start; loading the networks and the first frame take some 100 ms.</summary>
    private static readonly TimeSpan StartSpan = TimeSpan.FromMilliseconds(200), Span = TimeSpan.FromSeconds(1);

    /// <summary>An ended thread may still be listed for a moment.</summary>
    private static readonly TimeSpan ThreadEnd = TimeSpan.FromSeconds(2);

    private static readonly StopMoment[] Moments = Enum.GetValues<StopMoment>();

    /// <param name="stops">How many.</param>
    /// <param name="seed">Of the moments.</param>
    public async Task<StopsReport> RunAsync(int stops, int seed, CancellationToken cancel)
    {
        SessionCount sessions = new(engine);
        Random random = new(seed);
        int? socketsBefore = ProcessHealth.Now().Sockets;
        List<Stop> done = [];
        for (int i = 0; i < stops; i++)
        {
            StopMoment moment = Moments[i % Moments.Length];
            done.Add(await StopAsync(sessions, moment, random.NextDouble() * (moment == StopMoment.Start ? StartSpan : Span), cancel));
        }

        return new(
            "call",
            settings.Size.Width,
            settings.Size.Height,
            settings.FramesPerSecond,
            seed,
            done.Max(stop => stop.TakenMs),
            Percentiles.Of(done.Select(stop => stop.TakenMs)),
            sessions.Opened,
            sessions.Open,
            await ThreadsLeftAsync(cancel),
            ProcessHealth.Now().Sockets - socketsBefore,
            done);
    }

    private async Task<Stop> StopAsync(SessionCount sessions, StopMoment moment, TimeSpan after, CancellationToken cancel)
    {
        const int flood = 10;
        BenchSettings load = moment == StopMoment.Overload ? settings with { FramesPerSecond = flood * settings.FramesPerSecond } : settings;
        using BusyProcesses? busy = moment == StopMoment.Overload ? new() : null;
        using CancellationTokenSource word = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        VideoCoders coders = new(bundle, settings.Size, new FrameRate(settings.FramesPerSecond, 1), settings.Kbps ?? LoopbackEndpoint.AmpleKbps, sessions);
        if (moment != StopMoment.Start)
        {
            coders.WarmUp();
        }

        LoopbackEndpoint endpoint = new(coders, load, trace: null, surroundings.Time);
        long begun = surroundings.Time.GetTimestamp();
        Task running = RunAsync(endpoint, word.Token);
        await Task.Delay(after, surroundings.Time, cancel);
        (TimeSpan at, long frames) = (surroundings.Time.GetElapsedTime(begun), endpoint.Sending.Statistics.FramesEncoded);
        long stopping = surroundings.Time.GetTimestamp();
        await word.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (word.IsCancellationRequested)
        {
            // As it was told.
        }

        await endpoint.DisposeAsync();
        coders.Dispose();
        cancel.ThrowIfCancellationRequested();
        return new(moment.ToString().ToLowerInvariant(), Math.Round(at.TotalMilliseconds, 1), frames, Math.Round(surroundings.Time.GetElapsedTime(stopping).TotalMilliseconds, 1));
    }

    private async Task RunAsync(LoopbackEndpoint endpoint, CancellationToken word)
    {
        await Task.Yield();
        await endpoint.StartAsync(word);
        await endpoint.RunAsync(material, TimeSpan.FromHours(1), word);
    }

    private async Task<int?> ThreadsLeftAsync(CancellationToken cancel)
    {
        long begun = surroundings.Time.GetTimestamp();
        while (OwnThreads.Count() > 0 && surroundings.Time.GetElapsedTime(begun) < ThreadEnd)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), surroundings.Time, cancel);
        }

        return OwnThreads.Count();
    }
}
