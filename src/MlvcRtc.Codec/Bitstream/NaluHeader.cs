namespace MlvcRtc.Codec.Bitstream;

/// <summary>The two bytes before every NAL unit's content, and the four before the NAL unit (docs/bitstream.md §1-2).</summary>
public static class NaluHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 2;

    /// <summary>00 00 00 01 precedes every NAL unit; the three-byte form is not used.</summary>
    public static ReadOnlySpan<byte> StartCode => [0, 0, 0, 1];

    /// <summary>nalu_type, from the first byte of the header.</summary>
    public static int TypeOf(byte first) => (first >> 1) & 0x3F;

    /// <summary>A NAL unit of these types holds a picture and ends its access unit.</summary>
    public static bool IsPicture(int type) => type < 32;

    /// <summary>f(1) 0 | u(6) type | u(6) layer 0 | u(3) temporal id + 1.</summary>
    internal static void Write(ref BitWriter bits, NaluType type, int temporalId)
    {
        bits.WriteFlag(false);
        bits.WriteBits((uint)type, 6);
        bits.WriteBits(0, 6);
        bits.WriteBits((uint)(temporalId + 1), 3);
    }

    /// <summary>False when the forbidden bit is set or temporal_id_plus1 is 0. The layer id is not looked at.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> nalu, out int type, out int temporalId)
    {
        type = -1;
        temporalId = -1;
        if (nalu.Length < Length)
        {
            return false;
        }

        type = TypeOf(nalu[0]);
        temporalId = (nalu[1] & 7) - 1;
        return (nalu[0] & 0x80) == 0 && temporalId >= 0;
    }
}
