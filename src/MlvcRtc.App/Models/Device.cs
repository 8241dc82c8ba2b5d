using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;

namespace MlvcRtc.App.Models;

/// <summary>A way of running the networks that --device can name.</summary>
internal sealed record Device(ExecutionProvider Provider, Numerics Numerics = Numerics.Float)
{
    /// <summary>Every one, the processor first: where it is wrong, too, the model is to blame.</summary>
    public static IReadOnlyList<Device> All { get; } =
        [new(ExecutionProvider.Cpu), new(ExecutionProvider.Cpu, Numerics.Int8), .. ExecutionProviders.All.Skip(1).Select(provider => new Device(provider))];

    /// <summary>The provider's name in lower case; with graphs in integers "cpu-int8".</summary>
    public string Name => Numerics == Numerics.Int8 ? $"{Provider.ToString().ToLowerInvariant()}-int8" : Provider.ToString().ToLowerInvariant();

    /// <summary>Why it is not here, with what to do; null = it is.</summary>
    public string? WhyMissing(ModelBundle bundle, IReadOnlyList<ExecutionProvider> inThisBuild) =>
        !inThisBuild.Contains(Provider) ? $"is not in this build: it {ExecutionProviders.HowToGet(Provider)}" :
        Numerics == Numerics.Int8 && bundle.Int8 is null ? $"is not in the model {bundle.Name} {bundle.Version}: it has no graphs in integers" :
        null;

    public OnnxEngine Start(OnnxEngineOptions? options = null) => new((options ?? new OnnxEngineOptions()) with { Provider = Provider });
}
