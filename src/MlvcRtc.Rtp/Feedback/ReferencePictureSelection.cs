using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// RPSI (RFC 4585 §6.3.3): payload-specific feedback, FMT 3, for peers that know no MLVC message. Its native bit string is here the FRAME_ID of a
/// long-term reference that the receiver holds, so it says what BEST_LTR says:
/// <code>
/// PB:8 = 0 | 0:1 | payload type:7 | FRAME_ID:16
/// </code>
/// </summary>
/// <param name="SenderSsrc">Who says it.</param>
/// <param name="MediaSsrc">Whose frame is meant.</param>
/// <param name="PayloadType">0..127, of the stream.</param>
/// <param name="FrameId">Held in a slot.</param>
public readonly record struct ReferencePictureSelection(uint SenderSsrc, uint MediaSsrc, byte PayloadType, ushort FrameId)
{
    /// <summary>Bytes of the whole RTCP packet.</summary>
    public const int SizeBytes = 16;

    private const byte Fmt = 3;

    /// <summary>True when <paramref name="packet"/> is such a message with a bit string of exactly 16 bits.</summary>
    public static bool TryRead(RtcpPacket packet, out ReferencePictureSelection selection)
    {
        selection = default;
        ReadOnlySpan<byte> body = packet.Body;
        if (packet.PacketType != RtcpPacket.PayloadFeedback || packet.Count != Fmt || body.Length != SizeBytes - 4 || body[8] != 0 || body[9] > 127)
        {
            return false;
        }

        selection = new(
            BinaryPrimitives.ReadUInt32BigEndian(body),
            BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
            body[9],
            BinaryPrimitives.ReadUInt16BigEndian(body[10..]));
        return true;
    }

    /// <summary>Writes the reduced-size form (RFC 5506).</summary>
    /// <returns><see cref="SizeBytes"/>.</returns>
    public int Write(Span<byte> destination)
    {
        destination[0] = (2 << 6) | Fmt;
        destination[1] = RtcpPacket.PayloadFeedback;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (SizeBytes / 4) - 1);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], MediaSsrc);
        destination[12] = 0;
        destination[13] = (byte)(PayloadType & 0x7F);
        BinaryPrimitives.WriteUInt16BigEndian(destination[14..], FrameId);
        return SizeBytes;
    }
}
