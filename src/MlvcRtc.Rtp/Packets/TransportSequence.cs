using System.Buffers.Binary;

namespace MlvcRtc.Rtp.Packets;

/// <summary>
/// The number that every departing packet of a transport gets, whatever its stream, retransmissions and probes included
/// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §2), in a one-byte header extension (RFC 8285 §4.2):
/// <code>
/// 0xBE 0xDE | length 1 word | ID:4 L:4 = 1 | number:16 | padding 0
/// </code>
/// Written at departure, because only then is the order known.
/// </summary>
public static class TransportSequence
{
    /// <summary>Identifier of the element, 1..14 (SDP <c>a=extmap:5 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01</c>).</summary>
    public const byte DefaultId = 5;

    /// <summary>What the extension adds to a packet; 16 bytes are set aside for extensions in <see cref="Payload.PayloadFormat.MaxPayloadBytes"/>.</summary>
    public const int SizeBytes = 8;

    private const ushort OneByteProfile = 0xBEDE;  // RFC 8285 §4.2
    private const byte ExtensionBit = 0x10;        // X of RFC 3550 §5.1

    /// <summary>Copies a packet that has no header extension and gives it one with the number.</summary>
    /// <param name="packet">A well-formed RTP packet without extension.</param>
    /// <param name="destination">Room for <see cref="SizeBytes"/> more than the packet; must not overlap it.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(ReadOnlySpan<byte> packet, ushort number, Span<byte> destination, byte id = DefaultId)
    {
        if ((packet[0] & ExtensionBit) != 0)
        {
            throw new ArgumentException("The packet has a header extension already.", nameof(packet));
        }

        int header = RtpPacket.HeaderBytes + (4 * (packet[0] & 0x0F));
        packet[..header].CopyTo(destination);
        destination[0] |= ExtensionBit;
        Span<byte> extension = destination[header..];
        BinaryPrimitives.WriteUInt16BigEndian(extension, OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(extension[2..], 1);
        extension[4] = (byte)((id << 4) | 1);  // L = length - 1
        BinaryPrimitives.WriteUInt16BigEndian(extension[5..], number);
        extension[7] = 0;
        packet[header..].CopyTo(destination[(header + SizeBytes)..]);
        return packet.Length + SizeBytes;
    }

    /// <summary>Finds the number in a header extension (<see cref="RtpPacket.Extension"/>); false when there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> extension, out ushort number, byte id = DefaultId)
    {
        number = 0;
        if (extension.Length < 4 || BinaryPrimitives.ReadUInt16BigEndian(extension) != OneByteProfile)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = extension[4..];
        while (!rest.IsEmpty)
        {
            int element = rest[0] >> 4;
            if (element == 0)
            {
                rest = rest[1..];  // a padding byte
                continue;
            }

            int length = (rest[0] & 0x0F) + 1;
            if (element == 15 || rest.Length < 1 + length)
            {
                return false;  // RFC 8285 §4.2: stop at identifier 15
            }

            if (element == id && length == 2)
            {
                number = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
                return true;
            }

            rest = rest[(1 + length)..];
        }

        return false;
    }
}
