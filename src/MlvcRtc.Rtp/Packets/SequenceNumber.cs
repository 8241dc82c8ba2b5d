namespace MlvcRtc.Rtp.Packets;

/// <summary>Arithmetic on 16-bit numbers that wrap (RFC 1982): RTP sequence numbers and FRAME_IDs.</summary>
public static class SequenceNumber
{
    /// <summary>Steps from <paramref name="from"/> to <paramref name="to"/> by the shorter way: -32768..32767.</summary>
    public static int Distance(ushort from, ushort to) => (short)(ushort)(to - from);

    /// <summary>True when <paramref name="candidate"/> comes after <paramref name="reference"/>; false for exactly half the circle, which has no order.</summary>
    public static bool IsNewer(ushort candidate, ushort reference) => (ushort)(candidate - reference) is > 0 and < 0x8000;
}

/// <summary>Turns wrapping 16-bit numbers into a 64-bit count that does not wrap.</summary>
public sealed class SequenceUnwrapper
{
    private long? _last;

    /// <summary>The value nearest to the previous one. The first value stands for itself.</summary>
    public long Unwrap(ushort value)
    {
        _last = _last is { } last ? last + SequenceNumber.Distance((ushort)last, value) : value;
        return _last.Value;
    }
}
