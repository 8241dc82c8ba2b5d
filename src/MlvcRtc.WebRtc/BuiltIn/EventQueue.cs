using System.Threading.Channels;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>Raises events one after the other, in the order in which they happened and without any lock of ours held, so that handlers may call the peer.</summary>
internal sealed class EventQueue
{
    private readonly Channel<Action> _waiting = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    public EventQueue() => _ = RaiseAsync();

    public void Add(Action raise) => _waiting.Writer.TryWrite(raise);

    /// <summary>What was added before is still raised.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    private async Task RaiseAsync()
    {
        await foreach (Action raise in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            raise();
        }
    }
}
