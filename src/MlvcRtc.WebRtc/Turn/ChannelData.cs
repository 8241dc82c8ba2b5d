using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.Turn;

/// <summary>Four bytes in front of a datagram instead of the 36 of an indication (RFC 8656 §12.4).</summary>
internal static class ChannelData
{
    public const int HeaderBytes = 4;

    /// <summary>Channel numbers, RFC 8656 §12.</summary>
    public const ushort First = 0x4000;

    public const ushort Last = 0x4FFF;

    /// <summary>Writes the message; over a stream it is padded to a multiple of 4. Returns its length.</summary>
    public static int Write(Span<byte> destination, ushort channel, ReadOnlySpan<byte> datagram, bool padded)
    {
        BinaryPrimitives.WriteUInt16BigEndian(destination, channel);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)datagram.Length);
        datagram.CopyTo(destination[HeaderBytes..]);
        int length = HeaderBytes + datagram.Length;
        int end = padded ? (length + 3) & ~3 : length;
        destination[length..end].Clear();
        return end;
    }

    /// <summary>False when the bytes are no message of a channel.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out ushort channel, out ReadOnlySpan<byte> datagram)
    {
        channel = 0;
        datagram = default;
        if (message.Length < HeaderBytes)
        {
            return false;
        }

        channel = BinaryPrimitives.ReadUInt16BigEndian(message);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if (channel is < First or > Last || length > message.Length - HeaderBytes)
        {
            return false;
        }

        datagram = message.Slice(HeaderBytes, length);
        return true;
    }
}
