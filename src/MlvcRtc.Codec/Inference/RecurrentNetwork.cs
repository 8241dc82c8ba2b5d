using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Codec.References;

namespace MlvcRtc.Codec.Inference;

/// <summary>
/// One graph of a model with everything it reads and writes: picture, symbols, quality index and the states of the frames that may be predicted from.
/// Encoder graph: picture to symbols and state. Decoder graph: symbols to picture and state. Bindings are kept per (reference, target) pair of
/// slots, so that steady state makes none. One thread at a time.
/// </summary>
public sealed class RecurrentNetwork : IDisposable
{
    private readonly INeuralSession _session;
    private readonly bool _encodes;
    private readonly NativeTensor _shiftedIndex = new(ElementType.Int32, 1);
    private readonly INeuralBinding?[,] _bindings = new INeuralBinding?[StateStore.MovedSlot + 1, StateStore.MaxSlots];

    private RecurrentNetwork(ModelVariant model, INeuralSession session, bool encodes)
    {
        _session = session;
        _encodes = encodes;
        Model = model;
        GraphContract contract = new(model, encodes);
        contract.Check(session);
        Picture = NewTensor(contract.Find(session, contract.PictureName));
        Cells = contract.HasCells(session) ? NewTensor(contract.Find(session, GraphContract.Cells)) : null;
        Cells?.As<byte>().Fill(1);
        Symbols = new SymbolTensors(model.LatentShape, contract.Find(session, GraphContract.Z).Type);
        States = new StateStore(contract.Find(session, GraphContract.State));
        Layout = model.InterfaceType == InterfaceType.PackedI420 ? new PackedI420() : new Planes444();
    }

    public ModelVariant Model { get; }

    /// <summary>x or x_hat.</summary>
    public NativeTensor Picture { get; }

    /// <summary>[1, 1, YHeight, YWidth], 0 where an encoder may spend no symbol, else 1, which it is at first. Null where a graph has no such input.</summary>
    public NativeTensor? Cells { get; }

    /// <summary>How <see cref="Picture"/> holds pixels.</summary>
    public IPictureLayout Layout { get; }

    public SymbolTensors Symbols { get; }

    /// <summary>The states of the frames that may be predicted from.</summary>
    public StateStore States { get; }

    /// <summary>Loads the encoder graph of a model's size.</summary>
    /// <exception cref="InvalidDataException">The graph cannot be loaded, or its tensors are not those that the bundle promises; the message names the file.</exception>
    public static RecurrentNetwork LoadEncoder(ModelVariant model, INeuralEngine engine) => Load(model, engine, encodes: true);

    /// <summary>Loads the decoder graph of a model's size.</summary>
    /// <exception cref="InvalidDataException">As for the encoder.</exception>
    public static RecurrentNetwork LoadDecoder(ModelVariant model, INeuralEngine engine) => Load(model, engine, encodes: false);

    /// <summary>Predicts from the state in one slot and writes the new state into another.</summary>
    /// <param name="referenceSlot"><see cref="StateStore.ZeroSlot"/> for an I-frame; <see cref="StateStore.MovedSlot"/> for a moved reference.</param>
    /// <param name="targetSlot">From <see cref="StateStore.FreeSlot"/>.</param>
    /// <param name="shiftedIndex">q_index_shifted.</param>
    public void Run(int referenceSlot, int targetSlot, int shiftedIndex)
    {
        _shiftedIndex.As<int>()[0] = shiftedIndex;
        INeuralBinding binding = _bindings[referenceSlot, targetSlot] ??= Bind(States.TensorOf(referenceSlot), States.TensorOf(targetSlot));
        binding.Run();
    }

    public void Dispose()
    {
        foreach (INeuralBinding? binding in _bindings)
        {
            binding?.Dispose();
        }

        _session.Dispose();
        _shiftedIndex.Dispose();
        Picture.Dispose();
        Cells?.Dispose();
        Symbols.Dispose();
        States.Dispose();
    }

    private static RecurrentNetwork Load(ModelVariant model, INeuralEngine engine, bool encodes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(engine);
        INeuralSession session = engine.Load(encodes ? model.EncoderGraphPath : model.DecoderGraphPath);
        try
        {
            return new RecurrentNetwork(model, session, encodes);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static NativeTensor NewTensor(TensorSpec spec) => new(spec.Type, spec.Shape);

    private INeuralBinding Bind(NativeTensor reference, NativeTensor target)
    {
        (string, NativeTensor)[] symbols =
            [(GraphContract.Z, Symbols.ZTensor), (GraphContract.Y0, Symbols.Y0Tensor), (GraphContract.Y1, Symbols.Y1Tensor)];
        (string, NativeTensor)[] state = [(GraphContract.Reference, reference), (GraphContract.ShiftedIndex, _shiftedIndex)];
        (string, NativeTensor)[] cells = Cells is null ? [] : [(GraphContract.Cells, Cells)];
        return _encodes
            ? _session.Bind([(GraphContract.PictureIn, Picture), .. state, .. cells], [(GraphContract.State, target), .. symbols])
            : _session.Bind([.. symbols, .. state], [(GraphContract.PictureOut, Picture), (GraphContract.State, target)]);
    }
}
