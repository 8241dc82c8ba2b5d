using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Onnx;

namespace MlvcRtc.App.Interop;

/// <summary>One way of computing the same graphs, whose sums come out a little different.</summary>
/// <param name="Name">As reports name it.</param>
/// <param name="Family">"fp32": full precision, sums in another order; "reduced": rounded numbers.</param>
/// <param name="What">In words.</param>
/// <param name="Bundle">The model whose graphs it runs.</param>
internal sealed record NumericEnvironment(string Name, string Family, string What, INeuralEngine Engine, ModelBundle Bundle) : IDisposable
{
    public const string FullPrecision = "fp32";
    public const string Reduced = "reduced";

    public void Dispose() => (Engine as IDisposable)?.Dispose();
}

/// <summary>An environment that this machine, build or bundle lacks.</summary>
internal sealed record MissingEnvironment(string Name, string Reason);

/// <summary>What there is to compare.</summary>
internal static class NumericEnvironments
{
    public static IReadOnlyList<NumericEnvironment> Of(ModelBundle bundle)
    {
        NumericEnvironment Full(string name, string what, OnnxEngineOptions options) => new(name, NumericEnvironment.FullPrecision, what, new OnnxEngine(options), bundle);
        List<NumericEnvironment> environments =
        [
            Full("fp32", "as calls run it: all graph rewrites, one thread", new()),
            Full("fp32-fused", "graph fusions, no layouts of this processor", new() { Optimization = GraphOptimization.Extended }),
            Full("fp32-plain", "no graph rewrites: node by node", new() { Optimization = GraphOptimization.None }),
            Full("fp32-threads", "two threads in each run", new() { IntraOpThreads = 2 }),
        ];
        if (HasSharedFloats(bundle))
        {
            environments.Add(new("fp16-weights", NumericEnvironment.Reduced, "weights rounded to binary16", new RoundedWeightsEngine(new OnnxEngine(), RoundedWeightsEngine.ToFloat16), bundle));
            environments.Add(new("bf16-weights", NumericEnvironment.Reduced, "weights rounded to bfloat16", new RoundedWeightsEngine(new OnnxEngine(), RoundedWeightsEngine.ToBFloat16), bundle));
        }

        if (bundle.Int8 is { } int8)
        {
            environments.Add(new("int8", NumericEnvironment.Reduced, "graphs in integers", new OnnxEngine(), int8));
        }

        return environments;
    }

    public static IReadOnlyList<MissingEnvironment> Missing(ModelBundle bundle)
    {
        List<MissingEnvironment> missing = [new("other execution providers", "this build runs graphs on the processor only")];
        if (bundle.Int8 is null)
        {
            missing.Add(new("int8", "the bundle has no int8 graphs"));
        }

        if (!HasSharedFloats(bundle))
        {
            missing.Add(new("fp16-weights, bf16-weights", "only the weights of fp32 bundles are rounded"));
        }

        return missing;
    }

    private static bool HasSharedFloats(ModelBundle bundle) => bundle.Models.All(model => model.InterfaceType == InterfaceType.PackedI420);
}
