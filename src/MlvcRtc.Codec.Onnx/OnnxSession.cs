using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using MlvcRtc.Codec.Inference;

namespace MlvcRtc.Codec.Onnx;

/// <summary>One graph in ONNX Runtime.</summary>
internal sealed class OnnxSession : INeuralSession
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    /// <exception cref="InvalidDataException">A tensor has an element type or a shape that the codec's contract does not know.</exception>
    public OnnxSession(InferenceSession session, string graphPath)
    {
        _session = session;
        Inputs = Describe(session.InputNames, session.InputMetadata, graphPath);
        Outputs = Describe(session.OutputNames, session.OutputMetadata, graphPath);
    }

    public IReadOnlyList<TensorSpec> Inputs { get; }

    public IReadOnlyList<TensorSpec> Outputs { get; }

    public INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        CheckAgainst(Inputs, inputs, nameof(inputs));
        CheckAgainst(Outputs, outputs, nameof(outputs));
        return new OnnxBinding(_session, _runOptions, inputs, outputs);
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    private static TensorSpec[] Describe(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> metadata, string graphPath) =>
        [.. names.Select(name => Describe(name, metadata[name], graphPath))];

    private static TensorSpec Describe(string name, NodeMetadata metadata, string graphPath)
    {
        if (!metadata.IsTensor)
        {
            throw new InvalidDataException($"{graphPath}: {name} is not a tensor.");
        }

        ElementType type = metadata.ElementDataType switch
        {
            TensorElementType.Float => ElementType.Float32,
            TensorElementType.Float16 => ElementType.Float16,
            TensorElementType.Int32 => ElementType.Int32,
            TensorElementType.UInt8 => ElementType.UInt8,
            TensorElementType other => throw new InvalidDataException($"{graphPath}: tensor {name} has element type {other}; the codec knows float32, float16, int32 and uint8."),
        };
        return metadata.Dimensions.All(side => side > 0)
            ? new TensorSpec(name, type, [.. metadata.Dimensions])
            : throw new InvalidDataException($"{graphPath}: tensor {name} has the open shape [{string.Join(", ", metadata.Dimensions)}]; every side must be fixed at export.");
    }

    private static void CheckAgainst(IReadOnlyList<TensorSpec> specs, IReadOnlyList<(string Name, NativeTensor Tensor)> given, string argument)
    {
        if (given.Count != specs.Count)
        {
            throw new ArgumentException($"The graph has {specs.Count} {argument} ({string.Join(", ", specs.Select(spec => spec.Name))}), {given.Count} were given.", argument);
        }

        foreach (TensorSpec spec in specs)
        {
            NativeTensor tensor = given.FirstOrDefault(pair => pair.Name == spec.Name).Tensor
                ?? throw new ArgumentException($"The graph's tensor {spec.Name} is missing.", argument);
            if (tensor.Type != spec.Type || !tensor.Shape.SequenceEqual(spec.Shape))
            {
                throw new ArgumentException(
                    $"Tensor {spec.Name} is {tensor.Type} [{string.Join(", ", tensor.Shape)}], the graph needs {spec.Type} [{string.Join(", ", spec.Shape)}].", argument);
            }
        }
    }
}
