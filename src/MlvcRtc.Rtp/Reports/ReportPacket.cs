using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Reports;

/// <summary>What a sender says of its own stream (RFC 3550 §6.4.1).</summary>
/// <param name="Ntp">When it was said.</param>
/// <param name="RtpTime">The same instant on the stream's RTP clock: with another stream's report, what belongs together.</param>
/// <param name="Packets">Sent since the start, modulo 2^32.</param>
/// <param name="Octets">Of payload, headers and padding not counted, modulo 2^32.</param>
public readonly record struct SenderInfo(NtpTime Ntp, uint RtpTime, uint Packets, uint Octets);

/// <summary>A view of a sender or receiver report (RFC 3550 §6.4); valid as long as the datagram's bytes.</summary>
public readonly ref struct ReportPacket
{
    private const int SenderInfoBytes = 20;

    private readonly ReadOnlySpan<byte> _blocks;

    private ReportPacket(uint senderSsrc, SenderInfo? sender, ReadOnlySpan<byte> blocks)
    {
        SenderSsrc = senderSsrc;
        Sender = sender;
        _blocks = blocks;
    }

    public uint SenderSsrc { get; }

    /// <summary>Null in a receiver report.</summary>
    public SenderInfo? Sender { get; }

    /// <summary>0..31.</summary>
    public int Count => _blocks.Length / ReportBlock.SizeBytes;

    /// <param name="index">Below <see cref="Count"/>.</param>
    public ReportBlock this[int index] => ReportBlock.Read(_blocks[(index * ReportBlock.SizeBytes)..]);

    /// <summary>False for other packets, and for reports shorter than their count of blocks says. What follows the blocks (profile extensions) is passed over.</summary>
    public static bool TryRead(RtcpPacket packet, out ReportPacket report)
    {
        report = default;
        bool fromSender = packet.PacketType == RtcpPacket.SenderReport;
        int head = fromSender ? 4 + SenderInfoBytes : 4;
        if (!(fromSender || packet.PacketType == RtcpPacket.ReceiverReport) || packet.Body.Length < head + (packet.Count * ReportBlock.SizeBytes))
        {
            return false;
        }

        ReadOnlySpan<byte> body = packet.Body;
        SenderInfo? sender = !fromSender ? null : new SenderInfo(
            new(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            BinaryPrimitives.ReadUInt32BigEndian(body[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[20..]));
        report = new(BinaryPrimitives.ReadUInt32BigEndian(body), sender, body.Slice(head, packet.Count * ReportBlock.SizeBytes));
        return true;
    }

    /// <summary>Writes a report with at most one block.</summary>
    /// <param name="destination">At least 52 bytes.</param>
    /// <param name="ssrc">Whose report it is.</param>
    /// <param name="sender">Null makes a receiver report.</param>
    /// <param name="block">Null = nothing was received.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> destination, uint ssrc, SenderInfo? sender, ReportBlock? block)
    {
        int size = 8;
        if (sender is { } info)
        {
            BinaryPrimitives.WriteUInt64BigEndian(destination[8..], info.Ntp.Value);
            BinaryPrimitives.WriteUInt32BigEndian(destination[16..], info.RtpTime);
            BinaryPrimitives.WriteUInt32BigEndian(destination[20..], info.Packets);
            BinaryPrimitives.WriteUInt32BigEndian(destination[24..], info.Octets);
            size += SenderInfoBytes;
        }

        size += block?.Write(destination[size..]) ?? 0;
        RtcpPacket.WriteHead(destination, (byte)(block is null ? 0 : 1), sender is null ? RtcpPacket.ReceiverReport : RtcpPacket.SenderReport, size);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], ssrc);
        return size;
    }
}
