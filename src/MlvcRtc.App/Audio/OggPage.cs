using System.Buffers.Binary;

namespace MlvcRtc.App.Audio;

/// <summary>
/// A view of one Ogg page (RFC 3533 §6), valid as long as the bytes it was parsed from:
/// <code>
/// "OggS" | version 0 | flags:8 | granule position:64 | serial:32 | number:32 | CRC:32 | n:8 | n lacing values | body          (little-endian)
/// </code>
/// </summary>
internal readonly ref struct OggPage
{
    /// <summary>All before the lacing values.</summary>
    public const int FixedBytes = 27;

    /// <summary>Lacing values of one page, and the most that each counts.</summary>
    public const int MaxSegments = 255;

    /// <summary>The longest page: a reader's buffer never needs more, whatever the bytes claim.</summary>
    public const int MaxBytes = FixedBytes + MaxSegments + (MaxSegments * 255);

    /// <summary>The granule position of a page on which no packet ends.</summary>
    public const long NoPosition = -1;

    private const int CrcOffset = 22;

    private OggPage(ReadOnlySpan<byte> page, int segments)
    {
        Flags = (OggPageFlags)page[5];
        GranulePosition = BinaryPrimitives.ReadInt64LittleEndian(page[6..]);
        Serial = BinaryPrimitives.ReadUInt32LittleEndian(page[14..]);
        Number = BinaryPrimitives.ReadUInt32LittleEndian(page[18..]);
        Lacing = page.Slice(FixedBytes, segments);
        Body = page[(FixedBytes + segments)..];
        Length = page.Length;
    }

    public static ReadOnlySpan<byte> Capture => "OggS"u8;

    public OggPageFlags Flags { get; }

    public long GranulePosition { get; }

    /// <summary>Which of the streams in the file.</summary>
    public uint Serial { get; }

    /// <summary>+1 per page of the stream.</summary>
    public uint Number { get; }

    /// <summary>Lengths of the segments; a packet ends with the first below 255.</summary>
    public ReadOnlySpan<byte> Lacing { get; }

    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Bytes of the whole page.</summary>
    public int Length { get; }

    /// <summary>Parses a page that begins at the first byte.</summary>
    /// <param name="bytes">May hold more than the page.</param>
    /// <param name="page">The page.</param>
    /// <param name="missing">It may be a page, but so many more bytes are needed at least; 0 = it is none, or damaged (CRC).</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out OggPage page, out int missing)
    {
        page = default;
        missing = 0;
        if (!bytes.StartsWith(Capture[..Math.Min(bytes.Length, Capture.Length)]) || (bytes.Length > 4 && bytes[4] != 0))
        {
            return false;
        }

        if (bytes.Length < FixedBytes)
        {
            missing = FixedBytes - bytes.Length;
            return false;
        }

        int segments = bytes[FixedBytes - 1];
        int length = FixedBytes + segments;
        if (bytes.Length >= length)
        {
            foreach (byte lacing in bytes.Slice(FixedBytes, segments))
            {
                length += lacing;
            }
        }

        if (bytes.Length < length)
        {
            missing = length - bytes.Length;
            return false;
        }

        ReadOnlySpan<byte> whole = bytes[..length];
        if (Crc(whole) != BinaryPrimitives.ReadUInt32LittleEndian(whole[CrcOffset..]))
        {
            return false;
        }

        page = new OggPage(whole, segments);
        return true;
    }

    /// <summary>Writes a page.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="lacing">At most <see cref="MaxSegments"/>; their sum is the length of the body.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(
        Span<byte> destination, OggPageFlags flags, long granulePosition, uint serial, uint number, ReadOnlySpan<byte> lacing, ReadOnlySpan<byte> body)
    {
        int length = FixedBytes + lacing.Length + body.Length;
        Span<byte> page = destination[..length];
        Capture.CopyTo(page);
        page[4] = 0;
        page[5] = (byte)flags;
        BinaryPrimitives.WriteInt64LittleEndian(page[6..], granulePosition);
        BinaryPrimitives.WriteUInt32LittleEndian(page[14..], serial);
        BinaryPrimitives.WriteUInt32LittleEndian(page[18..], number);
        page[FixedBytes - 1] = (byte)lacing.Length;
        lacing.CopyTo(page[FixedBytes..]);
        body.CopyTo(page[(FixedBytes + lacing.Length)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(page[CrcOffset..], Crc(page));
        return length;
    }

    /// <summary>CRC-32 of RFC 3533 §6 (7): polynomial 0x04C11DB7, most significant bit first, from zero, its own field read as zero.</summary>
    private static uint Crc(ReadOnlySpan<byte> page)
    {
        uint crc = 0;
        for (int i = 0; i < page.Length; i++)
        {
            byte value = i is >= CrcOffset and < CrcOffset + 4 ? (byte)0 : page[i];
            crc = (crc << 8) ^ CrcTable[(byte)(crc >> 24) ^ value];
        }

        return crc;
    }

    private static readonly uint[] CrcTable = MakeCrcTable();

    private static uint[] MakeCrcTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint remainder = i << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                remainder = (remainder << 1) ^ ((remainder & 0x8000_0000) != 0 ? 0x04C1_1DB7u : 0);
            }

            table[i] = remainder;
        }

        return table;
    }
}

/// <summary>The header type of a page (RFC 3533 §6).</summary>
[Flags]
internal enum OggPageFlags : byte
{
    None = 0,

    /// <summary>The first segment continues a packet of the page before.</summary>
    Continued = 1,

    /// <summary>First page of its stream.</summary>
    First = 2,

    /// <summary>Last page of its stream.</summary>
    Last = 4,
}
