using System.Diagnostics;
using System.Globalization;
using MlvcRtc.App.Reports;
using MlvcRtc.Call.Threads;
using MlvcRtc.Codec;

namespace MlvcRtc.App.Bench;

/// <summary>Mean milliseconds per frame of each stage.</summary>
internal sealed record StageMs(double Pixels, double Motion, double Network, double Entropy, double Bitstream)
{
    public static StageMs operator +(StageMs left, StageMs right) => new(
        Math.Round(left.Pixels + right.Pixels, 4),
        Math.Round(left.Motion + right.Motion, 4),
        Math.Round(left.Network + right.Network, 4),
        Math.Round(left.Entropy + right.Entropy, 4),
        Math.Round(left.Bitstream + right.Bitstream, 4));

    /// <summary>For people.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"pixels {Pixels:0.00}, motion {Motion:0.00}, network {Network:0.00}, entropy {Entropy:0.00}, bitstream {Bitstream:0.00} ms");
}

/// <summary>One direction of the bench: repeats a frame's work on the calling thread and keeps the time of each.</summary>
/// <param name="work">Codes or decodes the frame of this number; answers where the time went.</param>
/// <param name="framesPerSecond">Pace; 0 = as fast as it goes.</param>
internal sealed class BenchLane(Func<long, StageTimes> work, int framesPerSecond)
{
    /// <summary>Frames whose times are kept; 2000 frames/s for 60 s.</summary>
    private const int Capacity = 120_000;

    private readonly double[] _frameMs = new double[Capacity];
    private readonly double[] _intervalMs = new double[Capacity];
    private long _pixels;
    private long _motion;
    private long _network;
    private long _entropy;
    private long _bitstream;
    private long _allocatedBytes;
    private double _seconds;
    private int _intervals;

    public int Frames { get; private set; }

    /// <summary>Managed bytes that this thread allocated per frame, ONNX Runtime's C# layer included.</summary>
    public double AllocatedBytesPerFrame => Frames == 0 ? 0 : Math.Round((double)_allocatedBytes / Frames, 1);

    public double FramesPerSecond => Frames / _seconds;

    public Percentiles FrameMs => Percentiles.Of(_frameMs.Take(Frames));

    public double MeanMs => Frames == 0 ? 0 : _frameMs.Take(Frames).Average();

    public StageMs StageMs => new(Mean(_pixels), Mean(_motion), Mean(_network), Mean(_entropy), Mean(_bitstream));

    /// <summary>p99 of how far the interval between two finished frames is from the asked one, or from their mean when there is no pace.</summary>
    public double IntervalP99DeviationMs
    {
        get
        {
            double[] intervals = [.. _intervalMs.Take(_intervals)];
            if (intervals.Length == 0)
            {
                return 0;
            }

            double nominal = framesPerSecond > 0 ? 1000.0 / framesPerSecond : intervals.Average();
            return Percentiles.Of(intervals.Select(interval => Math.Abs(interval - nominal))).P99;
        }
    }

    /// <summary>Forgets what was measured, after a warm-up.</summary>
    public void Reset()
    {
        Frames = _intervals = 0;
        _pixels = _motion = _network = _entropy = _bitstream = _allocatedBytes = 0;
        _seconds = 0;
    }

    /// <summary>Runs for the time given and adds to what was measured.</summary>
    public void Run(TimeSpan duration, CancellationToken cancel)
    {
        int framesBefore = Frames;
        using WakeSignal never = new();
        long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
        long begun = Stopwatch.GetTimestamp();
        long previousEnd = begun;
        while (Stopwatch.GetElapsedTime(begun) < duration && Frames < Capacity)
        {
            cancel.ThrowIfCancellationRequested();
            WaitForTurn(begun, Frames - framesBefore, never, cancel);
            long start = Stopwatch.GetTimestamp();
            StageTimes times = work(Frames);
            long end = Stopwatch.GetTimestamp();
            _frameMs[Frames] = Milliseconds(end - start);
            if (Frames > framesBefore)
            {
                _intervalMs[_intervals++] = Milliseconds(end - previousEnd);
            }

            previousEnd = end;
            _pixels += times.Pixels;
            _motion += times.Motion;
            _network += times.Network;
            _entropy += times.Entropy;
            _bitstream += times.Bitstream;
            Frames++;
        }

        _seconds += Stopwatch.GetElapsedTime(begun).TotalSeconds;
        _allocatedBytes += GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
    }

    private void WaitForTurn(long begun, int frame, WakeSignal never, CancellationToken cancel)
    {
        if (framesPerSecond == 0)
        {
            return;
        }

        TimeSpan due = TimeSpan.FromSeconds((double)frame / framesPerSecond);
        for (TimeSpan early = due - Stopwatch.GetElapsedTime(begun); early > TimeSpan.Zero; early = due - Stopwatch.GetElapsedTime(begun))
        {
            never.Wait(early, cancel);
        }
    }

    private double Mean(long ticks) => Frames == 0 ? 0 : Math.Round(Milliseconds(ticks) / Frames, 4);

    private static double Milliseconds(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
