namespace MlvcRtc.Proof;

/// <summary>How much of the proofs the whole run does.</summary>
internal static class ProofSize
{
    public const int Cases = 10_000;

    public const int WrappingFrames = 70_000;

    public const int Packets = 10_000_000;

    /// <summary>SRTP and SRTCP, each of which is authenticated.</summary>
    public const int ProtectedPackets = 10_000_000;

    public const int DtlsDatagrams = 2_000_000;

    public const int DtlsHandshakes = 500;
}
