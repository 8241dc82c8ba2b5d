using MlvcRtc.App.Reports;

namespace MlvcRtc.App.Bench;

/// <summary>p50, p95 and p99 in milliseconds, of any number of samples: within 0.5 %.</summary>
internal static class PercentilesMs
{
    public static Percentiles Of(Call.Statistics.RunningPercentiles of) => new(Ms(of, 50), Ms(of, 95), Ms(of, 99));

    private static double Ms(Call.Statistics.RunningPercentiles of, double percent) => Math.Round(of.At(percent).TotalMilliseconds, 3);
}

/// <summary>Figures of 'bench --mode call'; names are those of the report format.</summary>
internal sealed record EndpointReport
{
    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int ModelWidth { get; init; }

    public required int ModelHeight { get; init; }

    /// <summary>"call".</summary>
    public required string Mode { get; init; }

    public required int TargetFps { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Null where the rate is controlled.</summary>
    public required int? Qp { get; init; }

    /// <summary>Null where the QP is constant.</summary>
    public required int? TargetKbps { get; init; }

    public required long FramesCaptured { get; init; }

    public required long FramesEncoded { get; init; }

    public required long FramesDecoded { get; init; }

    public required long FramesShown { get; init; }

    /// <summary>A newer picture came before the encoder was free.</summary>
    public required long FramesReplaced { get; init; }

    /// <summary>Skipped before encoding.</summary>
    public required long FramesSkipped { get; init; }

    public required double EncodeFps { get; init; }

    public required double DecodeFps { get; init; }

    /// <summary>Steps 2 and 3 of a call.</summary>
    public required Percentiles EncodeMs { get; init; }

    /// <summary>Step 9.</summary>
    public required Percentiles DecodeMs { get; init; }

    /// <summary>Where the time of a coded frame goes, means.</summary>
    public required StageMs EncodeStageMs { get; init; }

    public required StageMs DecodeStageMs { get; init; }

    /// <summary>Distance of the interval between two coded frames from the asked one.</summary>
    public required double EncodeIntervalP99DeviationMs { get; init; }

    /// <summary>The same of shown pictures.</summary>
    public required double ShownIntervalP99DeviationMs { get; init; }

    /// <summary>Between two shown pictures.</summary>
    public required double LongestIntervalMs { get; init; }

    /// <summary>Coded later than two frame intervals after the capture.</summary>
    public required long EncodeDeadlineMisses { get; init; }

    /// <summary>Decoded later than their time to be shown; playout waits two frame intervals.</summary>
    public required long DecodeDeadlineMisses { get; init; }

    /// <summary>Of both, of all frames coded and decoded.</summary>
    public required double DeadlineMissRatio { get; init; }

    /// <summary>How late packets left.</summary>
    public required Percentiles PacingDelayMs { get; init; }

    /// <summary>Capture to presentation.</summary>
    public required LatencyMs LatencyMs { get; init; }

    public required int Gen0Collections { get; init; }

    public required int Gen1Collections { get; init; }

    public required int Gen2Collections { get; init; }

    /// <summary>Of the whole process.</summary>
    public required double AllocatedBytesPerFrame { get; init; }

    /// <summary>Processor time of the whole process per frame coded and decoded.</summary>
    public required double CpuMsPerFrame { get; init; }

    /// <summary>Frames per second that the slower of the two bare graphs reaches, both running at the same time; null with a pace.</summary>
    public required double? BareFps { get; init; }

    /// <summary>The endpoint's frames per second over <see cref="BareFps"/>; null with a pace.</summary>
    public required double? ShareOfBareFps { get; init; }

    /// <summary>What was coded from when on.</summary>
    public required IReadOnlyList<ShapeChange> Shapes { get; init; }

    /// <summary>Null where no other programs were started.</summary>
    public required OverloadReport? Overload { get; init; }

    /// <summary>Thirty times, of more than half an hour once a minute, and at the end.</summary>
    public required IReadOnlyList<ProcessHealth> Health { get; init; }

    /// <summary>Of those samples; null of runs shorter than three minutes.</summary>
    public required HealthTrend? HealthTrend { get; init; }

    /// <summary>From asking to stop to the end of the last thread.</summary>
    public required double ShutdownMs { get; init; }
}
