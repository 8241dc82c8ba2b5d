using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.Onnx;

/// <summary>
/// A session tied to our tensors. ONNX Runtime reads and writes them in place; the native handles are made once, so a run
/// makes no managed object.
/// </summary>
internal sealed class OnnxBinding : INeuralBinding
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions;
    private readonly OrtIoBinding _binding;
    private readonly List<OrtValue> _values = [];

    // ONNX Runtime knows addresses only: these references keep the memory behind them from being freed.
    private readonly List<NativeTensor> _tensors = [];

    public OnnxBinding(
        InferenceSession session,
        RunOptions runOptions,
        IReadOnlyList<(string Name, NativeTensor Tensor)> inputs,
        IReadOnlyList<(string Name, NativeTensor Tensor)> outputs)
    {
        _session = session;
        _runOptions = runOptions;
        _binding = session.CreateIoBinding();
        foreach ((string name, NativeTensor tensor) in inputs)
        {
            _binding.BindInput(name, Wrap(tensor));
        }

        foreach ((string name, NativeTensor tensor) in outputs)
        {
            _binding.BindOutput(name, Wrap(tensor));
        }
    }

    public void Run()
    {
        _session.RunWithBinding(_runOptions, _binding);
        GC.KeepAlive(this);  // it holds the tensors whose addresses the runtime uses
    }

    public void Dispose()
    {
        _binding.Dispose();
        foreach (OrtValue value in _values)
        {
            value.Dispose();
        }

        _values.Clear();
        _tensors.Clear();
    }

    private OrtValue Wrap(NativeTensor tensor)
    {
        TensorElementType type = tensor.Type switch
        {
            ElementType.Float32 => TensorElementType.Float,
            ElementType.Float16 => TensorElementType.Float16,
            ElementType.Int32 => TensorElementType.Int32,
            _ => TensorElementType.UInt8,
        };
        OrtValue value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, type, [.. tensor.Shape.Select(side => (long)side)], tensor.Address, tensor.ByteLength);
        _values.Add(value);
        _tensors.Add(tensor);
        return value;
    }
}
