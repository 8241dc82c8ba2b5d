namespace MlvcRtc.Proof;

/// <summary>How much of the proofs the whole run does.</summary>
internal static class ProofSize
{
    public const int Cases = 10_000;

    public const int Packets = 10_000_000;
}
