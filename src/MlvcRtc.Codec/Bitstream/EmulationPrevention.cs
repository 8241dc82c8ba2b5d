namespace MlvcRtc.Codec.Bitstream;

/// <summary>Keeps start codes out of NAL units: a 03 goes before any byte below 04 that follows two zero bytes.</summary>
public static class EmulationPrevention
{
    private static ReadOnlySpan<byte> Escaped => [0, 0, 3];

    /// <summary>Bytes that <see cref="Escape"/> can need for <paramref name="length"/> bytes: one in two (00 00 | 03 00 00 | 03 ...).</summary>
    public static int MaxEscapedLength(int length) => checked(length + (length / 2) + 1);

    /// <summary>Appends the escaped form of a piece of a NAL unit.</summary>
    /// <param name="payload">The piece.</param>
    /// <param name="escaped">At least <see cref="MaxEscapedLength"/> bytes.</param>
    /// <param name="zeros">Zero bytes at the end of what was written so far; 0 at the start of a NAL unit. Carried from piece to piece.</param>
    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> payload, Span<byte> escaped, ref int zeros)
    {
        int length = 0;
        foreach (byte value in payload)
        {
            if (zeros == 2 && value <= 3)
            {
                escaped[length++] = 3;
                zeros = 0;
            }

            escaped[length++] = value;
            zeros = value == 0 ? zeros + 1 : 0;
        }

        return length;
    }

    /// <summary>Drops each 03 that follows two zero bytes; what comes after it is not checked.</summary>
    /// <param name="nalu">A whole NAL unit.</param>
    /// <param name="payload">At least as long as <paramref name="nalu"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> nalu, Span<byte> payload)
    {
        int length = 0;
        while (true)
        {
            int found = nalu.IndexOf(Escaped);
            int plain = found < 0 ? nalu.Length : found + 2;
            nalu[..plain].CopyTo(payload[length..]);
            length += plain;
            if (found < 0)
            {
                return length;
            }

            nalu = nalu[(found + 3)..];
        }
    }
}
