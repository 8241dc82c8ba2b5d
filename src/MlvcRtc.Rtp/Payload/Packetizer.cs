using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Payload;

/// <summary>What a packetizer stamps on every packet.</summary>
/// <param name="Ssrc">Synchronisation source, chosen at random per stream (RFC 3550 §8).</param>
/// <param name="PayloadType">0..127.</param>
/// <param name="FirstSequenceNumber">Random in calls (RFC 3550 §5.1) and below 2^15 (RFC 3711 §3.3.1), fixed in tests.</param>
/// <param name="TimestampOffset">Added to the 90 kHz capture time; 0 where sender and receiver share a clock and measure latency.</param>
/// <param name="TransportSequenceId">Identifier of the header extension with the transport-wide number, as agreed (SDP <c>a=extmap</c>); 1..14.</param>
/// <param name="MaxPayloadBytes">Largest RTP payload that the receiver takes (SDP <c>packet</c>), 64 .. 1,150.</param>
public readonly record struct RtpStreamSettings(
    uint Ssrc,
    byte PayloadType = PayloadFormat.DefaultPayloadType,
    ushort FirstSequenceNumber = 0,
    uint TimestampOffset = 0,
    byte TransportSequenceId = TransportSequence.DefaultId,
    int MaxPayloadBytes = PayloadFormat.MaxPayloadBytes);

/// <summary>
/// Step 4: cuts a coded frame into RTP packets. All fragments of a frame are equal within one byte, so there is no tiny
/// last packet. Its sequence numbers count packets as they are written; a sender whose packets overtake each other numbers them at departure. One
/// thread at a time; allocates nothing.
/// </summary>
public sealed class Packetizer(RtpStreamSettings settings)
{
    /// <summary>Bytes of one packet at most, RTP header included.</summary>
    public const int MaxPacketBytes = RtpPacket.HeaderBytes + PayloadFormat.MaxPayloadBytes;

    /// <summary>Bytes of a padding-only packet at most: the count of padding has 8 bits (RFC 3550 §5.1).</summary>
    public const int MaxPaddingBytes = byte.MaxValue;

    private ushort _nextSequenceNumber = settings.FirstSequenceNumber;
    private uint _lastTimestamp = settings.TimestampOffset;

    /// <summary>Packets that the frame needs: ceil(size / room). 0 when it is empty or would need more than 256.</summary>
    /// <param name="maxPayloadBytes"><see cref="RtpStreamSettings.MaxPayloadBytes"/>.</param>
    public static int CountPackets(EncodedFrame frame, int maxPayloadBytes = PayloadFormat.MaxPayloadBytes)
    {
        ArgumentNullException.ThrowIfNull(frame);

        // The first packet of an INTRA frame has the longest head; taking its room for all keeps the fragments equal.
        int head = PayloadDescriptor.BaseBytes + (frame.Type == FrameType.Intra ? PayloadDescriptor.ConfigurationBytes : 0);
        int room = maxPayloadBytes - head;
        int count = (frame.Payload.Length + room - 1) / room;
        return count <= PayloadFormat.MaxFragments ? count : 0;
    }

    /// <summary>Writes packet <paramref name="index"/> of <paramref name="count"/> (from <see cref="CountPackets"/>) under the next sequence number.</summary>
    /// <param name="destination">At least <see cref="MaxPacketBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public int WritePacket(EncodedFrame frame, int index, int count, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, PayloadFormat.MaxFragments);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)count, nameof(index));

        _lastTimestamp = unchecked(RtpTimestamp.FromTimeSpan(frame.CaptureTime) + settings.TimestampOffset);
        int written = RtpPacket.WriteHeader(
            destination,
            settings.PayloadType,
            marker: index == count - 1,
            _nextSequenceNumber++,
            _lastTimestamp,
            settings.Ssrc);
        PayloadDescriptor descriptor = new()
        {
            Type = frame.Type,
            Discardable = frame.Discardable,
            LtrSlot = frame.LtrSlot,
            TemporalId = frame.TemporalId,
            FrameId = frame.FrameId,
            ReferenceId = frame.ReferenceId,
            FragmentIndex = (byte)index,
            LastFragment = (byte)(count - 1),
            ModelTag = frame.ModelTag,
            CodedWidth = frame.CodedWidth,
            CodedHeight = frame.CodedHeight,
        };
        written += descriptor.Write(destination[written..]);

        // Fragment i covers bytes [i·size/n, (i+1)·size/n): lengths differ by one at most.
        int size = frame.Payload.Length;
        int start = (int)((long)index * size / count);
        int end = (int)((long)(index + 1) * size / count);
        frame.Payload[start..end].CopyTo(destination[written..]);
        return written + end - start;
    }

    /// <summary>
    /// Writes a packet of padding alone, which probes the path and is no part of a frame, under the next sequence number.
    /// </summary>
    /// <param name="destination">At least <see cref="RtpPacket.HeaderBytes"/> + <see cref="MaxPaddingBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public int WritePadding(Span<byte> destination)
    {
        int header = RtpPacket.WriteHeader(destination, settings.PayloadType, marker: false, _nextSequenceNumber++, _lastTimestamp, settings.Ssrc);
        destination[0] |= 0x20;  // P
        destination.Slice(header, MaxPaddingBytes).Clear();
        destination[header + MaxPaddingBytes - 1] = MaxPaddingBytes;
        return header + MaxPaddingBytes;
    }
}
