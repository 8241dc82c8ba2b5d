using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// FIR, the command to send a key frame (RFC 5104 §4.3.1): payload-specific feedback, FMT 4. Middleboxes send it when somebody joins; our receivers send PLI. The
/// stream is named in the entries, and the media SSRC of the head is 0:
/// <code>
/// SSRC:32 | SEQ_NR:8 | reserved:24     one entry per stream
/// </code>
/// </summary>
/// <param name="SenderSsrc">Who asks.</param>
/// <param name="TargetSsrc">Of whom.</param>
/// <param name="SequenceNumber">+1 per command, modulo 256; a repetition keeps it.</param>
public readonly record struct FullIntraRequest(uint SenderSsrc, uint TargetSsrc, byte SequenceNumber)
{
    /// <summary>Bytes of a message with one entry.</summary>
    public const int SizeBytes = 20;

    private const byte Fmt = 4;
    private const int EntryBytes = 8;

    /// <summary>True when <paramref name="packet"/> is such a message and has an entry for <paramref name="stream"/>; others are passed over.</summary>
    public static bool TryRead(RtcpPacket packet, uint stream, out FullIntraRequest request)
    {
        request = default;
        if (packet.PacketType != RtcpPacket.PayloadFeedback || packet.Count != Fmt)
        {
            return false;
        }

        ReadOnlySpan<byte> body = packet.Body;
        for (int at = 8; at + EntryBytes <= body.Length; at += EntryBytes)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(body[at..]) == stream)
            {
                request = new(BinaryPrimitives.ReadUInt32BigEndian(body), stream, body[at + 4]);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes the reduced-size form (RFC 5506) with one entry.</summary>
    /// <returns><see cref="SizeBytes"/>.</returns>
    public int Write(Span<byte> destination)
    {
        destination[0] = (2 << 6) | Fmt;
        destination[1] = RtcpPacket.PayloadFeedback;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (SizeBytes / 4) - 1);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], SenderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], TargetSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], (uint)SequenceNumber << 24);
        return SizeBytes;
    }
}
