using System.Diagnostics;
using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Tracing;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Threads;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Bench;

/// <summary>One run of 'bench --mode call': an endpoint that decodes its own stream, and, without a pace, the bare graphs in turns with it.</summary>
internal sealed class EndpointRun(Surroundings surroundings, ModelBundle bundle, OnnxEngine engine, BenchSettings settings, BenchMaterial material)
{
    /// <summary>Long enough for the JIT to reach its last tier and for clocks to settle.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestHealthInterval = TimeSpan.FromMinutes(1), ShortestHealthInterval = TimeSpan.FromSeconds(2);

    /// <summary>Shorter runs fill pools all the while: their growth says nothing.</summary>
    private const double LeastJudgedMinutes = 3;

    /// <summary>Samples of a run of less than an hour.</summary>
    private const int HealthSamples = 30;

    /// <summary>Endpoint and bare graphs take turns this often.</summary>
    private const int Turns = 5;

    private readonly List<(double Minute, ProcessHealth Health)> _health = [];

    public async Task<EndpointReport> RunAsync(TraceRecording? trace, CancellationToken cancel)
    {
        FrameRate rate = new(settings.FramesPerSecond == 0 ? 30 : settings.FramesPerSecond, 1);
        using VideoCoders coders = new(bundle, settings.Size, rate, settings.Kbps ?? LoopbackEndpoint.AmpleKbps, engine);
        coders.WarmUp();
        await using (LoopbackEndpoint warming = new(coders, settings, trace: null, surroundings.Time))
        {
            await warming.StartAsync(cancel);
            await warming.RunAsync(material, WarmUp, cancel);
        }

        ModelVariant model = ModelSelection.Choose(bundle.Models, settings.Size.Width, settings.Size.Height).Model;
        LoopbackEndpoint endpoint = new(coders, settings, trace, surroundings.Time);
        StageSums stages = new();
        stages.Follow(endpoint, coders);
        await endpoint.StartAsync(cancel);
        GC.Collect();
        int[] collections = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
        long allocated = GC.GetTotalAllocatedBytes();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        double? bareFps = null;
        if (settings.FramesPerSecond == 0)
        {
            bareFps = await InTurnsAsync(endpoint, model, cancel);
            cpu = TimeSpan.Zero;  // the bare graphs' time is in it
        }
        else
        {
            await WatchedAsync(endpoint, cancel);
        }

        TimeSpan cpuTaken = cpu == TimeSpan.Zero ? TimeSpan.Zero : Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        collections = [GC.CollectionCount(0) - collections[0], GC.CollectionCount(1) - collections[1], GC.CollectionCount(2) - collections[2]];
        long stopping = Stopwatch.GetTimestamp();
        await endpoint.DisposeAsync();
        TimeSpan shutdown = Stopwatch.GetElapsedTime(stopping);
        return Summary(endpoint, model, stages, collections, (allocated, cpuTaken, shutdown, bareFps));
    }

    /// <summary>Turn by turn, so that what else the machine does meanwhile falls on both alike.</summary>
    /// <returns>Frames per second of the slower bare graph.</returns>
    private async Task<double> InTurnsAsync(LoopbackEndpoint endpoint, ModelVariant model, CancellationToken cancel)
    {
        using BareGraph encoderGraph = new(engine, model.EncoderGraphPath);
        using BareGraph decoderGraph = new(engine, model.DecoderGraphPath);
        BenchLane encoding = new(_ => encoderGraph.Run(), framesPerSecond: 0);
        BenchLane decoding = new(_ => decoderGraph.Run(), framesPerSecond: 0);
        TimeSpan turnLength = TimeSpan.FromSeconds(settings.Seconds) / Turns;
        await BareAsync(WarmUp / 2);
        encoding.Reset();
        decoding.Reset();
        for (int turn = 0; turn < Turns; turn++)
        {
            await endpoint.RunAsync(material, turnLength, cancel);
            await BareAsync(turnLength);
        }

        return Math.Min(encoding.FramesPerSecond, decoding.FramesPerSecond);

        Task BareAsync(TimeSpan duration) => DedicatedThread.RunTogetherAsync(
            cancel, ("bench encode", stop => encoding.Run(duration, stop)), ("bench decode", stop => decoding.Run(duration, stop)));
    }

    private async Task WatchedAsync(LoopbackEndpoint endpoint, CancellationToken cancel)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(settings.Seconds / HealthSamples, ShortestHealthInterval.TotalSeconds, LongestHealthInterval.TotalSeconds));
        long begun = Stopwatch.GetTimestamp();
        Task running = endpoint.RunAsync(material, TimeSpan.FromSeconds(settings.Seconds), cancel);
        Task overload = settings.Overload is { } span ? OverloadAsync(TimeSpan.FromSeconds(span.From), TimeSpan.FromSeconds(span.To), cancel) : Task.CompletedTask;
        while (await Task.WhenAny(running, Task.Delay(interval, surroundings.Time, cancel)) != running)
        {
            Note();
        }

        await running;
        await overload;
        Note();

        void Note() => _health.Add((Stopwatch.GetElapsedTime(begun).TotalMinutes, ProcessHealth.Now()));
    }

    private async Task OverloadAsync(TimeSpan from, TimeSpan to, CancellationToken cancel)
    {
        await Task.Delay(from, surroundings.Time, cancel);
        using BusyProcesses others = new();
        await Task.Delay(to - from, surroundings.Time, cancel);
    }

    private EndpointReport Summary(
        LoopbackEndpoint endpoint, ModelVariant model, StageSums stages, int[] collections, (long Allocated, TimeSpan Cpu, TimeSpan Shutdown, double? BareFps) process)
    {
        SendStatistics sent = endpoint.Sending.Statistics;
        ReceiveStatistics received = endpoint.Receiving.Statistics;
        double seconds = endpoint.Measured.TotalSeconds;
        long frames = Math.Max(sent.FramesEncoded, 1);
        double encodeFps = sent.FramesEncoded / seconds;
        double decodeFps = received.FramesDecoded / seconds;
        long encodeMisses = endpoint.Sending.Watch.DeadlinesMissed;
        long decodeMisses = endpoint.Receiving.Watch.DeadlinesMissed;
        return new()
        {
            Width = settings.Size.Width,
            Height = settings.Size.Height,
            ModelWidth = model.Width,
            ModelHeight = model.Height,
            Mode = "call",
            TargetFps = settings.FramesPerSecond,
            Seconds = Math.Round(seconds, 2),
            Qp = settings.Kbps is null ? settings.Qp : null,
            TargetKbps = settings.Kbps,
            FramesCaptured = sent.FramesCaptured,
            FramesEncoded = sent.FramesEncoded,
            FramesDecoded = received.FramesDecoded,
            FramesShown = endpoint.ShownRhythm.Count,
            FramesReplaced = sent.FramesDropped,
            FramesSkipped = sent.FramesSkipped,
            EncodeFps = Math.Round(encodeFps, 2),
            DecodeFps = Math.Round(decodeFps, 2),
            EncodeMs = PercentilesMs.Of(endpoint.Sending.Watch.EncodeTimes),
            DecodeMs = PercentilesMs.Of(endpoint.Receiving.Watch.DecodeTimes),
            EncodeStageMs = stages.Encoding.Mean,
            DecodeStageMs = stages.Decoding.Mean,
            EncodeIntervalP99DeviationMs = PercentilesMs.Of(endpoint.CodedRhythm.Deviations).P99,
            ShownIntervalP99DeviationMs = PercentilesMs.Of(endpoint.ShownRhythm.Deviations).P99,
            LongestIntervalMs = Math.Round(endpoint.ShownRhythm.Longest.TotalMilliseconds, 1),
            EncodeDeadlineMisses = encodeMisses,
            DecodeDeadlineMisses = decodeMisses,
            DeadlineMissRatio = Math.Round((double)(encodeMisses + decodeMisses) / Math.Max(sent.FramesEncoded + received.FramesDecoded, 1), 5),
            PacingDelayMs = PercentilesMs.Of(endpoint.Sending.Watch.PacingDelays),
            LatencyMs = new(Math.Round(received.LatencyP50.TotalMilliseconds, 1), Math.Round(received.LatencyP95.TotalMilliseconds, 1)),
            Gen0Collections = collections[0],
            Gen1Collections = collections[1],
            Gen2Collections = collections[2],
            AllocatedBytesPerFrame = Math.Round((double)process.Allocated / frames, 1),
            CpuMsPerFrame = Math.Round(process.Cpu.TotalMilliseconds / frames, 3),
            BareFps = process.BareFps is { } bare ? Math.Round(bare, 2) : null,
            ShareOfBareFps = process.BareFps is { } yardstick ? Math.Round(Math.Min(encodeFps, decodeFps) / yardstick, 3) : null,
            Shapes = endpoint.Shapes,
            Overload = settings.Overload is { } span
                ? OverloadReport.Of(TimeSpan.FromSeconds(span.From), TimeSpan.FromSeconds(span.To), settings.FramesPerSecond, endpoint.ShownAt, endpoint.Shapes)
                : null,
            Health = [.. _health.Select(sample => sample.Health)],
            HealthTrend = _health.Count > 0 && _health[^1].Minute >= LeastJudgedMinutes ? HealthTrend.Of(_health) : null,
            ShutdownMs = Math.Round(process.Shutdown.TotalMilliseconds, 1),
        };
    }

    /// <summary>Where the codec's time goes, both directions.</summary>
    private sealed class StageSums
    {
        public StageSum Encoding { get; } = new();

        public StageSum Decoding { get; } = new();

        public void Follow(LoopbackEndpoint endpoint, VideoCoders coders)
        {
            endpoint.Sending.FrameEncoded += _ => Encoding.Add(coders.Encoder.LastTimes);
            endpoint.Receiving.FrameDecoded += _ => Decoding.Add(coders.Decoder.LastTimes);
        }
    }

    /// <summary>One direction; one thread at a time.</summary>
    private sealed class StageSum
    {
        private StageTimes _sum;
        private long _frames;

        public StageMs Mean => new(Ms(_sum.Pixels), Ms(_sum.Motion), Ms(_sum.Network), Ms(_sum.Entropy), Ms(_sum.Bitstream));

        public void Add(in StageTimes times)
        {
            _sum = new(_sum.Pixels + times.Pixels, _sum.Motion + times.Motion, _sum.Network + times.Network, _sum.Entropy + times.Entropy, _sum.Bitstream + times.Bitstream);
            _frames++;
        }

        private double Ms(long ticks) => _frames == 0 ? 0 : Math.Round(ticks * 1000.0 / Stopwatch.Frequency / _frames, 4);
    }
}
