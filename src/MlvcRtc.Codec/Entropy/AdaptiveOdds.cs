namespace MlvcRtc.Codec.Entropy;

/// <summary>How often yes and no came in each context of one frame, as odds for the next answer: half a count each to begin with (Krichevsky and Trofimov 1981).</summary>
internal sealed class AdaptiveOdds(int contexts)
{
    /// <summary>No context: yes and no are as likely.</summary>
    public const int Even = -1;

    private const int Whole = 1 << FrequencyTables.PrecisionBits;

    private readonly (uint No, uint Yes)[] _seen = new (uint, uint)[contexts];

    /// <summary>Before a frame: nothing is carried over, since the frame before may be lost.</summary>
    public void Forget() => _seen.AsSpan().Clear();

    /// <summary>Slots of 2^16 that mean no.</summary>
    public ushort NoSlots(int context)
    {
        if (context == Even)
        {
            return Whole / 2;
        }

        (uint no, uint yes) = _seen[context];
        ulong likely = ((2ul * yes + 1) << FrequencyTables.PrecisionBits) / (2ul * (no + yes) + 2);
        return (ushort)(Whole - (int)ulong.Clamp(likely, 1, Whole - 1));
    }

    public void Count(int context, bool yes)
    {
        if (context == Even)
        {
            return;
        }

        ref (uint No, uint Yes) seen = ref _seen[context];
        seen.Yes += yes ? 1u : 0u;
        seen.No += yes ? 0u : 1u;
    }
}
