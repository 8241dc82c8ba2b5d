namespace MlvcRtc.Rtp.Feedback;

/// <summary>Sixteen bits that say what became of some packets (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.2 to 3.1.4).</summary>
internal readonly struct StatusChunk(ushort bits)
{
    public const int NotArrived = 0, SmallDelta = 1, LargeDelta = 2;

    /// <summary>13 bits.</summary>
    public const int MaxRun = 0x1FFF;

    public const int OneBitStatuses = 14, TwoBitStatuses = 7;

    private bool IsVector => (bits & 0x8000) != 0;

    private bool HasTwoBits => (bits & 0x4000) != 0;

    /// <summary>Statuses in the chunk; 0 for an empty run.</summary>
    public int Length => !IsVector ? bits & MaxRun : HasTwoBits ? TwoBitStatuses : OneBitStatuses;

    /// <summary>0..3.</summary>
    public int this[int index] =>
        !IsVector ? (bits >> 13) & 3
        : HasTwoBits ? (bits >> (2 * (TwoBitStatuses - 1 - index))) & 3
        : (bits >> (OneBitStatuses - 1 - index)) & 1;

    public static ushort Run(int status, int length) => (ushort)((status << 13) | length);

    /// <summary>What is missing at the end counts as not arrived.</summary>
    public static ushort OneBit(ReadOnlySpan<byte> statuses)
    {
        int bits = 0x8000;
        for (int i = 0; i < statuses.Length; i++)
        {
            bits |= statuses[i] << (OneBitStatuses - 1 - i);
        }

        return (ushort)bits;
    }

    /// <inheritdoc cref="OneBit"/>
    public static ushort TwoBit(ReadOnlySpan<byte> statuses)
    {
        int bits = 0xC000;
        for (int i = 0; i < statuses.Length; i++)
        {
            bits |= statuses[i] << (2 * (TwoBitStatuses - 1 - i));
        }

        return (ushort)bits;
    }

    /// <summary>Bytes of the deltas that the first <paramref name="count"/> statuses announce; false when one is reserved.</summary>
    public bool TryCountDeltaBytes(int count, out int bytes)
    {
        bytes = 0;
        if (!IsVector)
        {
            bytes = this[0] * count;  // a small delta has one byte, a large one two
            return this[0] <= LargeDelta;
        }

        for (int i = 0; i < count; i++)
        {
            if (this[i] > LargeDelta)
            {
                return false;
            }

            bytes += this[i];
        }

        return true;
    }
}
