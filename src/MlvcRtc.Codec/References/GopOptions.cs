using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.Codec.References;

/// <summary>The prediction pattern of a stream. All periods are in frames.</summary>
/// <param name="IframePeriod">Frames from IDR to IDR, ≥ 0; 0 = none by period.</param>
/// <param name="TemporalLayers">1, or 2: every second frame is then in layer 1, which nothing refers to.</param>
/// <param name="LtrMode">Who marks.</param>
/// <param name="LtrStart">Internal: first frame index that may become the root of a chain, ≥ 0.</param>
/// <param name="LtrPeriod">Internal: base-layer frames between marks, ≥ 0; 0 = no long-term references.</param>
/// <param name="LtrSlotCount">Slots in use, 0..8. Internal needs 1, or 2 when chains are renewed.</param>
/// <param name="LtrRecoveryPeriod">Internal: marks between renewals of the chain from the last root, ≥ 0; 0 = never.</param>
/// <param name="FrameIndexBits">8..16. Below 16 the end of the index space forces an IDR, as in libmlvc (10); with 16 indices wrap around.</param>
/// <param name="KeepsNewerSlots">A recovery leaves slots newer than its reference alone, since the receiver may have them and be about to say so; libmlvc empties them.</param>
public readonly record struct GopOptions(
    int IframePeriod,
    int TemporalLayers,
    LtrMode LtrMode,
    int LtrStart,
    int LtrPeriod,
    int LtrSlotCount,
    int LtrRecoveryPeriod,
    int FrameIndexBits,
    bool KeepsNewerSlots = false)
{
    /// <summary>Temporal layers of the codec (docs/bitstream.md; the syntax could say 8).</summary>
    public const int MaxTemporalLayers = 2;

    /// <summary>Our bound on periods: a day of 60 frames per second is 5,184,000, and products of two stay far inside 64 bits.</summary>
    private const int MaxPeriod = 10_000_000;

    /// <summary>Calls: no periodic IDR, marks and recovery by request, indices wrap.</summary>
    public static GopOptions ForCall(int temporalLayers = 1) => new(0, temporalLayers, LtrMode.External, 0, 0, LtrTable.Capacity, 0, 16, KeepsNewerSlots: true);

    /// <summary>Files: what libmlvc does with its first official models (IDR every 1024 frames, chains renewed every 64).</summary>
    public static GopOptions ForFile(int temporalLayers = 1) => new(1024, temporalLayers, LtrMode.Internal, 8, 16, 4, 4, 10);

    /// <summary>Base-layer frames after which a chain is renewed; 0 = never.</summary>
    internal long RenewalDepth => LtrMode == LtrMode.Internal ? (long)LtrPeriod * LtrRecoveryPeriod : 0;

    /// <summary>
    /// Longest chain of predictions allowed; 0 = any. It holds what the renewals can add up to (one more frame each in IframePeriod / T
    /// renewals, from the root at LtrStart, and T - 2 frames on the way), so that only a broken pattern meets it.
    /// </summary>
    internal long MaxChainLength
    {
        get
        {
            if (IframePeriod == 0 || LtrMode != LtrMode.Internal || LtrRecoveryPeriod == 0)
            {
                return 0;
            }

            long depth = RenewalDepth;
            return depth > 0 ? LtrStart + (IframePeriod / depth) + depth - 2 : IframePeriod;
        }
    }

    /// <exception cref="ArgumentException">A value is out of its range or does not go with another; the message says which and why.</exception>
    internal void Validate()
    {
        Require(IframePeriod is >= 0 and <= MaxPeriod, $"IframePeriod is {IframePeriod}; it must be 0 (none) to {MaxPeriod} frames.");
        Require(TemporalLayers is >= 1 and <= MaxTemporalLayers, $"TemporalLayers is {TemporalLayers}; it must be 1 or 2.");
        Require(LtrMode is LtrMode.Internal or LtrMode.External, $"LtrMode is {LtrMode}; it must be Internal or External.");
        Require(LtrStart is >= 0 and <= MaxPeriod, $"LtrStart is {LtrStart}; it must be 0 to {MaxPeriod} frames.");
        Require(LtrPeriod is >= 0 and <= MaxPeriod, $"LtrPeriod is {LtrPeriod}; it must be 0 (off) to {MaxPeriod} frames.");
        Require(LtrSlotCount is >= 0 and <= LtrTable.Capacity, $"LtrSlotCount is {LtrSlotCount}; it must be 0 to {LtrTable.Capacity}.");
        Require(LtrRecoveryPeriod is >= 0 and <= MaxPeriod, $"LtrRecoveryPeriod is {LtrRecoveryPeriod}; it must be 0 (never) to {MaxPeriod} marks.");
        Require(FrameIndexBits is >= 8 and <= FrameIndexSpace.WrappingBits, $"FrameIndexBits is {FrameIndexBits}; it must be 8 to {FrameIndexSpace.WrappingBits}.");
        if (LtrMode == LtrMode.Internal)
        {
            Require(LtrPeriod == 0 || LtrSlotCount >= 1, "Marking every LtrPeriod frames needs a slot: LtrSlotCount is 0.");
            Require(LtrRecoveryPeriod == 0 || LtrSlotCount >= 2, $"Renewing chains (LtrRecoveryPeriod {LtrRecoveryPeriod}) needs two slots, one for the root: LtrSlotCount is {LtrSlotCount}.");
            Require(LtrRecoveryPeriod == 0 || LtrStart < LtrPeriod, $"Renewing chains (LtrRecoveryPeriod {LtrRecoveryPeriod}) needs LtrStart below LtrPeriod: they are {LtrStart} and {LtrPeriod}.");
        }
    }

    private static void Require(bool met, string message)
    {
        if (!met)
        {
            throw new ArgumentException(message);
        }
    }
}
