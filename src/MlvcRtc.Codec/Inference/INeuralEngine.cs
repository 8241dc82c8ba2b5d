namespace MlvcRtc.Codec.Inference;

/// <summary>Element type of a tensor. Sizes in bytes: 4, 2, 4, 1.</summary>
public enum ElementType
{
    Float32,
    Float16,
    Int32,
    UInt8,
}

/// <summary>Name, element type and fixed shape of one graph input or output.</summary>
public sealed record TensorSpec(string Name, ElementType Type, IReadOnlyList<int> Shape)
{
    public int ElementCount => Shape.Aggregate(1, (product, side) => checked(product * side));
}

/// <summary>
/// The socket for an inference engine: it loads a graph file (external weights beside it). The codec knows no engine; engines
/// know no codec.
/// </summary>
public interface INeuralEngine
{
    /// <exception cref="InvalidDataException">The graph is not one this engine can run; the message names the file and the cause.</exception>
    INeuralSession Load(string graphPath);
}

/// <summary>One loaded graph. Runs on one thread at a time; creates its bindings once, so that running allocates nothing.</summary>
public interface INeuralSession : IDisposable
{
    IReadOnlyList<TensorSpec> Inputs { get; }

    IReadOnlyList<TensorSpec> Outputs { get; }

    /// <summary>Ties every input and output to memory that stays where it is.</summary>
    /// <exception cref="ArgumentException">A tensor is missing or has another type or shape than the graph.</exception>
    INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs);
}

/// <summary>A graph tied to its tensors: <see cref="Run"/> reads the inputs and overwrites the outputs. Owned by the caller; dispose before the session.</summary>
public interface INeuralBinding : IDisposable
{
    void Run();
}
