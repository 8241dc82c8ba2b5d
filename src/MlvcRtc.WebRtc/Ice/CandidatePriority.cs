namespace MlvcRtc.WebRtc.Ice;

/// <summary>Which candidates and pairs are tried and taken first (RFC 8445 §§5.1.2, 6.1.2.3).</summary>
internal static class CandidatePriority
{
    /// <param name="localPreference">0..65535, more is better: tells apart candidates of one type.</param>
    public static uint Of(CandidateType type, int localPreference)
    {
        // Type preferences as RFC 8445 §5.1.2.2 recommends; component 1.
        uint preference = type switch
        {
            CandidateType.Host => 126,
            CandidateType.PeerReflexive => 110,
            CandidateType.ServerReflexive => 100,
            _ => 0,
        };
        return (preference << 24) | ((uint)(ushort)localPreference << 8) | (256 - 1);
    }

    /// <summary>The same value on both sides of a pair.</summary>
    public static ulong OfPair(uint controlling, uint controlled) =>
        ((ulong)uint.Min(controlling, controlled) << 32) + (2UL * uint.Max(controlling, controlled)) + (controlling > controlled ? 1UL : 0);
}
