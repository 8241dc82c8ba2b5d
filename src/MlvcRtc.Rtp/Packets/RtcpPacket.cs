using System.Buffers.Binary;

namespace MlvcRtc.Rtp.Packets;

/// <summary>A view of one RTCP packet inside a datagram (RFC 3550 §6.4); valid as long as the datagram's bytes.</summary>
public readonly ref struct RtcpPacket
{
    /// <summary>Sender report (RFC 3550 §6.4.1).</summary>
    public const byte SenderReport = 200;

    /// <summary>Receiver report (RFC 3550 §6.4.2).</summary>
    public const byte ReceiverReport = 201;

    /// <summary>Source description (RFC 3550 §6.5).</summary>
    public const byte SourceDescription = 202;

    /// <summary>Transport-layer feedback (RFC 4585 §6.1).</summary>
    public const byte TransportFeedback = 205;

    /// <summary>Payload-specific feedback (RFC 4585 §6.1).</summary>
    public const byte PayloadFeedback = 206;

    internal RtcpPacket(byte count, byte packetType, ReadOnlySpan<byte> body)
    {
        Count = count;
        PacketType = packetType;
        Body = body;
    }

    /// <summary>Report count, source count or feedback message type (FMT); 5 bits.</summary>
    public byte Count { get; }

    public byte PacketType { get; }

    /// <summary>All after the four-byte header, padding removed.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Writes the four bytes that every packet begins with.</summary>
    /// <param name="sizeBytes">Of the whole packet; a multiple of four.</param>
    internal static void WriteHead(Span<byte> destination, byte count, byte packetType, int sizeBytes)
    {
        destination[0] = (byte)((2 << 6) | count);
        destination[1] = packetType;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((sizeBytes / 4) - 1));
    }
}

/// <summary>
/// Walks the RTCP packets of a datagram, compound (RFC 3550 §6.1) or reduced-size (RFC 5506). Every step consumes at
/// least four bytes, so hostile lengths cannot make it loop.
/// </summary>
public ref struct RtcpReader(ReadOnlySpan<byte> datagram)
{
    private ReadOnlySpan<byte> _rest = datagram;

    /// <summary>The bytes ran against the syntax; nothing after that point was read.</summary>
    public bool Malformed { get; private set; }

    /// <summary>False at the end, or when the rest is malformed.</summary>
    public bool TryNext(out RtcpPacket packet)
    {
        packet = default;
        if (_rest.IsEmpty || Malformed)
        {
            return false;
        }

        int length = _rest.Length < 4 ? int.MaxValue : 4 * (BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]) + 1);
        if (length > _rest.Length || _rest[0] >> 6 != 2)
        {
            Malformed = true;
            return false;
        }

        int padding = 0;
        if ((_rest[0] & 0x20) != 0)
        {
            padding = _rest[length - 1];
            bool last = length == _rest.Length;  // only the last packet of a compound may be padded
            if (!last || padding == 0 || padding % 4 != 0 || padding > length - 4)
            {
                Malformed = true;
                return false;
            }
        }

        packet = new RtcpPacket((byte)(_rest[0] & 0x1F), _rest[1], _rest[4..(length - padding)]);
        _rest = _rest[length..];
        return true;
    }
}
