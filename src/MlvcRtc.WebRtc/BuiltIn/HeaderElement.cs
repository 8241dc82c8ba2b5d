using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.BuiltIn;

/// <summary>Elements of a header extension in the one-byte form (RFC 8285 §4.2). Lengths that lie end the search.</summary>
internal static class HeaderElement
{
    private const ushort OneByteProfile = 0xBEDE;

    /// <param name="extension">With its four-byte head.</param>
    public static bool TryFind(ReadOnlySpan<byte> extension, byte id, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (extension.Length < 4 || BinaryPrimitives.ReadUInt16BigEndian(extension) != OneByteProfile)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = extension[4..];
        while (!rest.IsEmpty)
        {
            int element = rest[0] >> 4, length = (rest[0] & 0x0F) + 1;
            if (element == 0)
            {
                rest = rest[1..];  // padding
                continue;
            }

            if (element == 15 || rest.Length < 1 + length)
            {
                return false;
            }

            if (element == id)
            {
                data = rest.Slice(1, length);
                return true;
            }

            rest = rest[(1 + length)..];
        }

        return false;
    }
}
