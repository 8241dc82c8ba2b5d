using MlvcRtc.App.Reports;

namespace MlvcRtc.App.Bench;

/// <summary>Figures of 'bench'; names are those of the report format. Directions that did not run have null.</summary>
internal sealed record BenchReport
{
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>Size of the graphs.</summary>
    public required int ModelWidth { get; init; }

    public required int ModelHeight { get; init; }

    /// <summary>"encode", "decode" or "both".</summary>
    public required string Mode { get; init; }

    public required int TargetFps { get; init; }

    public required double Seconds { get; init; }

    public required int Qp { get; init; }

    public required double? EncodeFps { get; init; }

    public required double? DecodeFps { get; init; }

    public required Percentiles? EncodeMs { get; init; }

    public required Percentiles? DecodeMs { get; init; }

    /// <summary>Means per frame; with both directions the sum of theirs.</summary>
    public required StageMs StageMs { get; init; }

    public required StageMs? EncodeStageMs { get; init; }

    public required StageMs? DecodeStageMs { get; init; }

    /// <summary>Managed bytes per frame, the larger of the directions.</summary>
    public required double AllocatedBytesPerFrame { get; init; }

    /// <summary>The larger of the directions.</summary>
    public required double FrameIntervalP99DeviationMs { get; init; }

    /// <summary>The graphs alone in ONNX Runtime, on the same threads at the same time.</summary>
    public required Percentiles? BareEncodeMs { get; init; }

    public required Percentiles? BareDecodeMs { get; init; }

    /// <summary>Mean frame time over mean bare graph time, summed over the directions; 1 would be no cost of our own.</summary>
    public required double RatioToBare { get; init; }

    /// <summary>Bytes of one reference state (a long-term reference slot).</summary>
    public required int StateBytes { get; init; }

    /// <summary>Largest resident memory of the process before the bare graphs were loaded, 2^20 bytes.</summary>
    public required double PeakResidentMb { get; init; }
}
