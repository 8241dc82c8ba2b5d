using System.Buffers.Binary;

namespace MlvcRtc.Rtp.Reports;

/// <summary>How one stream was received, as one report says (RFC 3550 §6.4.1).</summary>
/// <param name="Ssrc">Of the stream.</param>
/// <param name="FractionLost">Of the packets since the report before, in 1/256.</param>
/// <param name="CumulativeLost">Since the start; 24 bits, below zero when more duplicates came than packets were lost.</param>
/// <param name="HighestSequence">The highest sequence number in the lower 16 bits, its wraps in the upper.</param>
/// <param name="Jitter">Of the times between arrivals, in units of the stream's RTP clock (A.8).</param>
/// <param name="LastSenderReport">Compact NTP time of the last sender report that came; 0 = none did.</param>
/// <param name="DelaySinceLastSenderReport">1/65,536 s from its arrival to this report.</param>
public readonly record struct ReportBlock(uint Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    public const int SizeBytes = 24;

    internal const int MostLost = (1 << 23) - 1;

    /// <param name="bytes">At least <see cref="SizeBytes"/>.</param>
    public static ReportBlock Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32BigEndian(bytes),
        bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[4..]) << 8 >> 8,  // 24 bits with their sign
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));

    /// <returns><see cref="SizeBytes"/>.</returns>
    public int Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Ssrc);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], Math.Clamp(CumulativeLost, -MostLost - 1, MostLost));
        destination[4] = FractionLost;
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], HighestSequence);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], DelaySinceLastSenderReport);
        return SizeBytes;
    }
}
