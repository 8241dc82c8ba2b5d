namespace MlvcRtc.Codec.Entropy;

/// <summary>A yes or no with its odds.</summary>
/// <param name="NoSlots">Slots of 2^16 that mean no, 1 .. 65535; they come first, the rest means yes.</param>
/// <param name="Yes">The answer.</param>
public readonly record struct BinaryChoice(ushort NoSlots, bool Yes)
{
    internal uint Start => Yes ? NoSlots : 0u;

    internal uint Frequency => Yes ? (1u << FrequencyTables.PrecisionBits) - NoSlots : NoSlots;
}
