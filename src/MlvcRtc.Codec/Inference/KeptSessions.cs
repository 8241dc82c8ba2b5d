using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.References;

namespace MlvcRtc.Codec.Inference;

/// <summary>
/// An engine that keeps its sessions when they are given back, and hands them out again: a picture that changes its size in mid-call then waits for no graph to be loaded, the less when the
/// graphs were run before (<see cref="Prepare"/>). Costs the memory of what is kept: two graphs of one size. Safe for concurrent use.
/// </summary>
/// <param name="engine">Loads what is not kept.</param>
public sealed class KeptSessions(INeuralEngine engine) : INeuralEngine, IDisposable
{
    private readonly Lock _guard = new();
    private readonly Dictionary<string, Stack<INeuralSession>> _free = [];
    private bool _disposed;

    public INeuralSession Load(string graphPath)
    {
        ArgumentNullException.ThrowIfNull(graphPath);
        lock (_guard)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_free.TryGetValue(graphPath, out Stack<INeuralSession>? kept) && kept.TryPop(out INeuralSession? session))
            {
                return new Lent(this, graphPath, session);
            }
        }

        return new Lent(this, graphPath, engine.Load(graphPath));
    }

    /// <summary>Loads both graphs of a size and runs each twice: ONNX Runtime learns in the first run what memory to take, and takes it in the second.</summary>
    /// <exception cref="InvalidDataException">A graph cannot be loaded.</exception>
    public void Prepare(ModelVariant model)
    {
        using (RecurrentNetwork encoder = RecurrentNetwork.LoadEncoder(model, this))
        {
            RunTwice(encoder);
        }

        using RecurrentNetwork decoder = RecurrentNetwork.LoadDecoder(model, this);
        RunTwice(decoder);

        static void RunTwice(RecurrentNetwork network)
        {
            for (int run = 0; run < 2; run++)
            {
                network.Run(StateStore.ZeroSlot, network.States.FreeSlot(), shiftedIndex: 0);
            }
        }
    }

    /// <summary>Disposes of what is kept; what is lent ends when it is given back.</summary>
    public void Dispose()
    {
        INeuralSession[] kept;
        lock (_guard)
        {
            _disposed = true;
            kept = [.. _free.Values.SelectMany(sessions => sessions)];
            _free.Clear();
        }

        foreach (INeuralSession session in kept)
        {
            session.Dispose();
        }
    }

    private void GiveBack(string graphPath, INeuralSession session)
    {
        lock (_guard)
        {
            if (!_disposed)
            {
                if (!_free.TryGetValue(graphPath, out Stack<INeuralSession>? kept))
                {
                    _free.Add(graphPath, kept = new());
                }

                kept.Push(session);
                return;
            }
        }

        session.Dispose();
    }

    private sealed class Lent(KeptSessions home, string graphPath, INeuralSession session) : INeuralSession
    {
        private bool _givenBack;

        public IReadOnlyList<TensorSpec> Inputs => session.Inputs;

        public IReadOnlyList<TensorSpec> Outputs => session.Outputs;

        public INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs) => session.Bind(inputs, outputs);

        public void Dispose()
        {
            if (!_givenBack)
            {
                _givenBack = true;
                home.GiveBack(graphPath, session);
            }
        }
    }
}
