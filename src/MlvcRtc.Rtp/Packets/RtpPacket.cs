using System.Buffers.Binary;

namespace MlvcRtc.Rtp.Packets;

/// <summary>A view of one RTP packet (RFC 3550 §5.1); valid as long as the bytes it was parsed from.</summary>
public readonly ref struct RtpPacket
{
    /// <summary>The fixed header without contributing sources or extension.</summary>
    public const int HeaderBytes = 12;

    private RtpPacket(ReadOnlySpan<byte> packet, int extensionOffset, int payloadOffset, int payloadLength)
    {
        Marker = (packet[1] & 0x80) != 0;
        PayloadType = (byte)(packet[1] & 0x7F);
        SequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        Timestamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        Ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        Extension = packet[extensionOffset..payloadOffset];
        Payload = packet.Slice(payloadOffset, payloadLength);
    }

    /// <summary>Last packet of a frame.</summary>
    public bool Marker { get; }

    /// <summary>0..127.</summary>
    public byte PayloadType { get; }

    public ushort SequenceNumber { get; }

    /// <summary>90 kHz for video.</summary>
    public uint Timestamp { get; }

    public uint Ssrc { get; }

    /// <summary>The header extension with its four-byte head (profile, length in words); empty when there is none.</summary>
    public ReadOnlySpan<byte> Extension { get; }

    /// <summary>Without padding; may be empty (probing packets are padding only).</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>False when the bytes are no well-formed RTP version 2 packet.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out RtpPacket parsed)
    {
        parsed = default;
        if (packet.Length < HeaderBytes || packet[0] >> 6 != 2)
        {
            return false;
        }

        int extensionOffset = HeaderBytes + (4 * (packet[0] & 0x0F));  // CC contributing sources of 4 bytes
        int payloadOffset = extensionOffset;
        if ((packet[0] & 0x10) != 0)
        {
            if (packet.Length < extensionOffset + 4)
            {
                return false;
            }

            payloadOffset += 4 + (4 * BinaryPrimitives.ReadUInt16BigEndian(packet[(extensionOffset + 2)..]));
        }

        int padding = (packet[0] & 0x20) != 0 ? packet[^1] : 0;
        bool paddingLies = (packet[0] & 0x20) != 0 && padding == 0;  // the count includes its own byte
        if (paddingLies || payloadOffset + padding > packet.Length)
        {
            return false;
        }

        parsed = new RtpPacket(packet, extensionOffset, payloadOffset, packet.Length - payloadOffset - padding);
        return true;
    }

    /// <summary>Gives a packet that is about to leave its number.</summary>
    public static void SetSequenceNumber(Span<byte> packet, ushort sequenceNumber) => BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequenceNumber);

    /// <summary>Writes a header without contributing sources, extension or padding.</summary>
    /// <returns><see cref="HeaderBytes"/>.</returns>
    public static int WriteHeader(Span<byte> destination, byte payloadType, bool marker, ushort sequenceNumber, uint timestamp, uint ssrc)
    {
        destination[0] = 2 << 6;
        destination[1] = (byte)((marker ? 0x80 : 0) | (payloadType & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], ssrc);
        return HeaderBytes;
    }
}
