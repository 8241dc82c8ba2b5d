namespace MlvcRtc.Codec.Onnx;

/// <summary>How far ONNX Runtime may rewrite a graph when it loads it. Symbols stay decodable at every level; pictures differ by rounding.</summary>
public enum GraphOptimization
{
    /// <summary>The graph runs node by node as it was exported.</summary>
    None,

    /// <summary>Rewrites that keep every value: constant folding, removal of dead nodes.</summary>
    Basic,

    /// <summary>Also fusions of neighbouring nodes.</summary>
    Extended,

    /// <summary>Also memory layouts made for this processor.</summary>
    All,
}

/// <summary>Settings of <see cref="OnnxEngine"/>; the defaults suit a call on a small machine.</summary>
public sealed record OnnxEngineOptions
{
    /// <summary>
    /// Threads inside one graph run, ≥ 1. The default 1 leaves the other cores to the other direction of the call: two threads were measured
    /// 1.65 times faster on an idle two-core machine, and 2 to 4 times slower on a busy one.
    /// </summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>What computes. What it cannot do ONNX Runtime does on the processor. Default: the processor.</summary>
    public ExecutionProvider Provider { get; init; } = ExecutionProvider.Cpu;

    /// <summary>Default: <see cref="GraphOptimization.All"/>.</summary>
    public GraphOptimization Optimization { get; init; } = GraphOptimization.All;

    /// <summary>
    /// Keep the intermediate tensors of a run for the next run. True costs that memory for the life of the session and saves asking the system for it
    /// at every run. Default: true.
    /// </summary>
    public bool KeepIntermediates { get; init; } = true;
}
