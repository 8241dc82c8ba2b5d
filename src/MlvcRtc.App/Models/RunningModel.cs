using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;

namespace MlvcRtc.App.Models;

/// <summary>The graphs that were chosen, and what runs them.</summary>
internal sealed record RunningModel(ModelBundle Bundle, OnnxEngine Engine)
{
    /// <summary>Of a bundle's graphs, those that the device runs.</summary>
    /// <param name="options">Of the engine, without the device; null = those of a call.</param>
    public static RunningModel On(Device device, ModelBundle bundle, OnnxEngineOptions? options = null) =>
        new(device.Numerics == Numerics.Int8 ? bundle.Int8! : bundle, device.Start(options));
}
