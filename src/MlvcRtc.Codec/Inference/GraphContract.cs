using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.Codec.Inference;

/// <summary>The tensors that a bundle's graph must have: names, shapes, and which element types are possible (docs/model-bundle.md, "Interface types").</summary>
internal sealed class GraphContract
{
    public const string PictureIn = "x";
    public const string PictureOut = "x_hat";
    public const string Reference = "ref_feature";
    public const string State = "feature";
    public const string ShiftedIndex = "q_index_shifted";

    /// <summary>Only some encoder graphs have it.</summary>
    public const string Cells = "cells";

    public const string Z = "z_raw";
    public const string Y0 = "y_raw_0";
    public const string Y1 = "y_raw_1";

    private static readonly ElementType[] Fractions = [ElementType.Float32, ElementType.Float16];

    private readonly string _graphPath;
    private readonly (string Name, int[] Shape, ElementType[] Types) _cells;
    private readonly bool _encodes;
    private readonly List<(string Name, int[] Shape, ElementType[] Types)> _inputs = [];
    private readonly List<(string Name, int[] Shape, ElementType[] Types)> _outputs = [];

    public GraphContract(ModelVariant model, bool encodes)
    {
        _graphPath = encodes ? model.EncoderGraphPath : model.DecoderGraphPath;
        PictureName = encodes ? PictureIn : PictureOut;
        _encodes = encodes;
        LatentShape latents = model.LatentShape;
        _cells = (Cells, [1, 1, latents.YHeight, latents.YWidth], [ElementType.UInt8]);
        int[] state = [1, model.Metadata.FeatureChannels, model.Height / model.Metadata.DownsampleFeature, model.Width / model.Metadata.DownsampleFeature];
        int[] half = [1, latents.HalfChannels, latents.YHeight, latents.YWidth];
        List<(string, int[], ElementType[])> symbols = encodes ? _outputs : _inputs;
        symbols.Add((Z, [1, latents.ZChannels, latents.ZHeight, latents.ZWidth], Fractions));
        symbols.Add((Y0, half, Fractions));
        symbols.Add((Y1, half, Fractions));
        (encodes ? _inputs : _outputs).Add(model.InterfaceType == InterfaceType.PackedI420
            ? (PictureName, [1, Pixels.PackedI420.Channels, model.Height / 8, model.Width / 8], [ElementType.UInt8])
            : (PictureName, [1, 3, model.Height, model.Width], Fractions));
        _inputs.Add((Reference, state, Fractions));
        _inputs.Add((ShiftedIndex, [1], [ElementType.Int32]));
        _outputs.Add((State, state, Fractions));
    }

    /// <summary>x or x_hat.</summary>
    public string PictureName { get; }

    /// <exception cref="InvalidDataException">A tensor is missing, unknown, or of another shape or type.</exception>
    public void Check(INeuralSession session)
    {
        Check(HasCells(session) ? [.. _inputs, _cells] : _inputs, session.Inputs, "input");
        Check(_outputs, session.Outputs, "output");
        if (Find(session, Reference).Type != Find(session, State).Type || Find(session, Z).Type != Find(session, Y0).Type || Find(session, Y0).Type != Find(session, Y1).Type)
        {
            throw new InvalidDataException($"{_graphPath}: {Reference} and {State} must have one element type, and so must {Z}, {Y0} and {Y1}.");
        }
    }

    /// <summary>The graph says which cells of y may have symbols by an input of its own.</summary>
    public bool HasCells(INeuralSession session) => _encodes && session.Inputs.Any(spec => spec.Name == Cells);

    /// <summary>The graph's own description of a tensor.</summary>
    public TensorSpec Find(INeuralSession session, string name) =>
        session.Inputs.Concat(session.Outputs).FirstOrDefault(spec => spec.Name == name)
        ?? throw new InvalidDataException($"{_graphPath}: the tensor {name} is missing.");

    private void Check(List<(string Name, int[] Shape, ElementType[] Types)> expected, IReadOnlyList<TensorSpec> found, string direction)
    {
        foreach ((string name, int[] shape, ElementType[] types) in expected)
        {
            TensorSpec spec = found.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new InvalidDataException($"{_graphPath}: the {direction} {name} is missing; it has {string.Join(", ", found.Select(other => other.Name))}.");
            if (!spec.Shape.SequenceEqual(shape) || !types.Contains(spec.Type))
            {
                throw new InvalidDataException(
                    $"{_graphPath}: {direction} {name} is {spec.Type} [{string.Join(", ", spec.Shape)}], the bundle's metadata ask for {string.Join(" or ", types)} [{string.Join(", ", shape)}].");
            }
        }

        if (found.Count != expected.Count)
        {
            throw new InvalidDataException($"{_graphPath}: unknown {direction}s {string.Join(", ", found.Select(spec => spec.Name).Except(expected.Select(tensor => tensor.Name)))}.");
        }
    }
}
