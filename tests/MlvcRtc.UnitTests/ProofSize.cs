namespace MlvcRtc.Proof;

/// <summary>How much of the proofs the quick run does; the integration tests do all of it.</summary>
internal static class ProofSize
{
    public const int Cases = 300;

    public const int Packets = 500_000;
}
