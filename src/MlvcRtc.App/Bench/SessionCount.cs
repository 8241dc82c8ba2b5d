using MlvcRtc.Codec.Inference;

namespace MlvcRtc.App.Bench;

/// <summary>An engine that knows how many of its sessions and bindings are in use.</summary>
internal sealed class SessionCount(INeuralEngine engine) : INeuralEngine
{
    private int _open;
    private int _opened;

    /// <summary>Sessions and bindings that were not disposed of.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Sessions and bindings so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    public INeuralSession Load(string graphPath)
    {
        INeuralSession session = engine.Load(graphPath);
        Began();
        return new CountedSession(this, session);
    }

    private void Began()
    {
        Interlocked.Increment(ref _open);
        Interlocked.Increment(ref _opened);
    }

    private void Ended() => Interlocked.Decrement(ref _open);

    private sealed class CountedSession(SessionCount count, INeuralSession session) : INeuralSession
    {
        private bool _ended;

        public IReadOnlyList<TensorSpec> Inputs => session.Inputs;

        public IReadOnlyList<TensorSpec> Outputs => session.Outputs;

        public INeuralBinding Bind(IReadOnlyList<(string Name, NativeTensor Tensor)> inputs, IReadOnlyList<(string Name, NativeTensor Tensor)> outputs)
        {
            INeuralBinding binding = session.Bind(inputs, outputs);
            count.Began();
            return new CountedBinding(count, binding);
        }

        public void Dispose()
        {
            session.Dispose();
            if (!_ended)
            {
                _ended = true;
                count.Ended();
            }
        }
    }

    private sealed class CountedBinding(SessionCount count, INeuralBinding binding) : INeuralBinding
    {
        private bool _ended;

        public void Run() => binding.Run();

        public void Dispose()
        {
            binding.Dispose();
            if (!_ended)
            {
                _ended = true;
                count.Ended();
            }
        }
    }
}
