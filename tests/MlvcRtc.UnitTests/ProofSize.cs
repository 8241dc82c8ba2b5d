namespace MlvcRtc.Proof;

/// <summary>How much of the proofs the quick run does; the integration tests do all of it.</summary>
internal static class ProofSize
{
    public const int Cases = 100;

    /// <summary>FRAME_ID wraps; the frame index does in the whole run and in WrapAroundTests.</summary>
    public const int WrappingFrames = 6_000;

    public const int Packets = 200_000;

    /// <summary>SRTP and SRTCP, each of which is authenticated.</summary>
    public const int ProtectedPackets = 25_000;

    public const int DtlsDatagrams = 20_000;

    public const int DtlsHandshakes = 10;
}
