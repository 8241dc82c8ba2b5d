namespace MlvcRtc.Proof;

/// <summary>How much of the proofs the quick run does; the integration tests do all of it.</summary>
internal static class ProofSize
{
    public const int Cases = 300;

    public const int Packets = 500_000;

    /// <summary>SRTP and SRTCP, each of which is authenticated.</summary>
    public const int ProtectedPackets = 25_000;

    public const int DtlsDatagrams = 50_000;

    public const int DtlsHandshakes = 20;
}
