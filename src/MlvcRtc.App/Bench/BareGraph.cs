using System.Diagnostics;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.App.Bench;

/// <summary>One graph run by the engine and nothing else: the yardstick for what our own code adds.</summary>
internal sealed class BareGraph : IDisposable
{
    private readonly INeuralSession _session;
    private readonly List<NativeTensor> _tensors = [];
    private readonly INeuralBinding _binding;

    public BareGraph(INeuralEngine engine, string graphPath)
    {
        _session = engine.Load(graphPath);
        _binding = _session.Bind(Make(_session.Inputs), Make(_session.Outputs));
    }

    /// <summary>One run; the time counts as network time.</summary>
    public StageTimes Run()
    {
        long begun = Stopwatch.GetTimestamp();
        _binding.Run();
        return new(Pixels: 0, Motion: 0, Network: Stopwatch.GetTimestamp() - begun, Entropy: 0, Bitstream: 0);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _session.Dispose();
        foreach (NativeTensor tensor in _tensors)
        {
            tensor.Dispose();
        }
    }

    private List<(string Name, NativeTensor Tensor)> Make(IReadOnlyList<TensorSpec> specs)
    {
        List<(string Name, NativeTensor Tensor)> made = [];
        foreach (TensorSpec spec in specs)
        {
            NativeTensor tensor = new(spec.Type, spec.Shape);
            _tensors.Add(tensor);
            made.Add((spec.Name, tensor));
        }

        return made;
    }
}
