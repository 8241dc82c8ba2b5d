namespace MlvcRtc.WebRtc.Stun;

/// <summary>The CRC-32 of ITU-T V.42, which FINGERPRINT is made of (RFC 8489 §14.7).</summary>
internal static class Crc32
{
    /// <summary>0x04C11DB7 with its bits reversed.</summary>
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint index = 0; index < 256; index++)
        {
            uint crc = index;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
            }

            table[index] = crc;
        }

        return table;
    }
}
