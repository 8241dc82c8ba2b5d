using System.Text;

namespace MlvcRtc.Codec.Bundles;

/// <summary>One 512-byte block of a ustar archive (POSIX.1-1988) that describes an entry.</summary>
/// <param name="Name">Path inside the archive, as written.</param>
/// <param name="Type">Type flag: '0' or NUL a file, '5' a folder, 'x' and 'g' attributes, ….</param>
/// <param name="Size">Bytes that follow, before padding to whole blocks.</param>
internal readonly record struct UstarHeader(string Name, char Type, long Size)
{
    /// <summary>Everything in an archive is a multiple of this.</summary>
    public const int BlockBytes = 512;

    private const int ChecksumOffset = 148;
    private const int ChecksumBytes = 8;

    /// <returns>Null when the block is no header: a checksum that is wrong or a size that is not octal.</returns>
    public static UstarHeader? Parse(ReadOnlySpan<byte> block)
    {
        long sum = 0;
        for (int i = 0; i < BlockBytes; i++)
        {
            sum += i is >= ChecksumOffset and < ChecksumOffset + ChecksumBytes ? ' ' : block[i];
        }

        if (Octal(block.Slice(ChecksumOffset, ChecksumBytes)) != sum || Octal(block.Slice(124, 12)) is not { } size)
        {
            return null;
        }

        string name = Text(block[..100]);
        bool hasPrefix = block.Slice(257, 6).SequenceEqual("ustar\0"u8) && block[345] != 0;
        return new UstarHeader(hasPrefix ? $"{Text(block.Slice(345, 155))}/{name}" : name, (char)block[156], size);
    }

    /// <summary>Digits up to a NUL or space, leading spaces allowed; at most 12 of them, so no overflow.</summary>
    private static long? Octal(ReadOnlySpan<byte> field)
    {
        field = field.TrimStart((byte)' ');
        int end = field.IndexOfAny((byte)0, (byte)' ');
        field = end < 0 ? field : field[..end];
        if (field.IsEmpty || field.ContainsAnyExceptInRange((byte)'0', (byte)'7'))
        {
            return null;
        }

        long value = 0;
        foreach (byte digit in field)
        {
            value = (value << 3) + digit - '0';
        }

        return value;
    }

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }
}
