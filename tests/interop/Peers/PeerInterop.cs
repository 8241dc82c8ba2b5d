namespace MlvcRtc.InteropTests.Peers;

/// <summary>Real time and handshakes of other stacks: one at a time, and alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PeerInterop
{
    public const string Name = "Peers of other stacks";
}
