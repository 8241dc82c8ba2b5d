using System.Buffers.Binary;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// The receiver's word on its references: application-layer feedback (RFC 4585 §6.4: payload-specific, FMT 15) with the identifier
/// "MLVC", 24 bytes in all (docs/payload-format.md §6):
/// <code>
/// 'M' 'L' 'V' 'C' | LAST_DECODED:16 | LAST_RECEIVED:16 | BEST_LTR:16 | FLAGS:8 | COUNT:8
/// </code>
/// All ids are FRAME_IDs of the stream <see cref="MediaSsrc"/>. A receiver sends it
/// <list type="bullet">
/// <item>at once when the picture breaks (<see cref="IsBroken"/>), and again every max(RTT/2, 20 ms) until a whole RECOVERY or INTRA frame that it can decode is here;</item>
/// <item>once for every marked frame that it decoded (<see cref="IsAcknowledgement"/>), after decoding, never for one that only arrived;</item>
/// <item>every 250 ms when nothing else was sent.</item>
/// </list>
/// Every message carries the whole truth of its moment, so that a lost one costs nothing but time. What a sender may conclude: <see cref="BestLtr"/> is held
/// now, unless a frame that was lost took its slot, which only the sender's own table shows. Nothing follows for other marked frames. A break that
/// the sender answered by a recovery frame newer than <see cref="LastReceived"/> needs no second answer until that frame had time to arrive.
/// </summary>
public readonly record struct ReferenceFeedback
{
    /// <summary>Bytes of the whole RTCP packet.</summary>
    public const int SizeBytes = 24;

    private const byte Fmt = 15;
    private const uint Identifier = 0x4D4C5643;  // "MLVC"

    /// <summary>Who says it.</summary>
    public uint SenderSsrc { get; init; }

    /// <summary>Whose frames are meant.</summary>
    public uint MediaSsrc { get; init; }

    /// <summary>Newest frame decoded; equal to <see cref="LastReceived"/> while nothing was ever decoded (then <see cref="NeedsIntra"/> is set).</summary>
    public ushort LastDecoded { get; init; }  // u(16)

    /// <summary>Newest frame of which a packet arrived.</summary>
    public ushort LastReceived { get; init; }  // u(16)

    /// <summary>Newest marked frame that was decoded and is still kept; valid when <see cref="HasBestLtr"/>.</summary>
    public ushort BestLtr { get; init; }  // u(16)

    /// <summary>
    /// The next frame cannot be decoded: a recovery frame is needed. With <see cref="LastReceived"/> = <see cref="LastDecoded"/> the next frame is overdue
    /// rather than known to be lost.
    /// </summary>
    public bool IsBroken { get; init; }  // FLAGS bit 0

    /// <summary>No frame is kept in a slot: only an INTRA frame helps.</summary>
    public bool NeedsIntra { get; init; }  // FLAGS bit 1

    /// <summary>Sent because a marked frame was decoded.</summary>
    public bool IsAcknowledgement { get; init; }  // FLAGS bit 2

    public bool HasBestLtr { get; init; }  // FLAGS bit 3

    /// <summary>Decoding is slower than arrival: the sender lowers the frame rate.</summary>
    public bool DecoderIsCongested { get; init; }  // FLAGS bit 4

    /// <summary>+1 per message, modulo 256.</summary>
    public byte Count { get; init; }  // u(8)

    /// <summary>True when <paramref name="packet"/> is such a message.</summary>
    public static bool TryRead(RtcpPacket packet, out ReferenceFeedback feedback)
    {
        feedback = default;
        ReadOnlySpan<byte> body = packet.Body;
        if (packet.PacketType != RtcpPacket.PayloadFeedback || packet.Count != Fmt || body.Length != SizeBytes - 4
            || BinaryPrimitives.ReadUInt32BigEndian(body[8..]) != Identifier)
        {
            return false;
        }

        byte flags = body[18];
        feedback = new()
        {
            SenderSsrc = BinaryPrimitives.ReadUInt32BigEndian(body),
            MediaSsrc = BinaryPrimitives.ReadUInt32BigEndian(body[4..]),
            LastDecoded = BinaryPrimitives.ReadUInt16BigEndian(body[12..]),
            LastReceived = BinaryPrimitives.ReadUInt16BigEndian(body[14..]),
            BestLtr = BinaryPrimitives.ReadUInt16BigEndian(body[16..]),
            IsBroken = (flags & 0x01) != 0,
            NeedsIntra = (flags & 0x02) != 0,
            IsAcknowledgement = (flags & 0x04) != 0,
            HasBestLtr = (flags & 0x08) != 0,
            DecoderIsCongested = (flags & 0x10) != 0,
            Count = body[19],
        };
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
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Identifier);
        BinaryPrimitives.WriteUInt16BigEndian(destination[16..], LastDecoded);
        BinaryPrimitives.WriteUInt16BigEndian(destination[18..], LastReceived);
        BinaryPrimitives.WriteUInt16BigEndian(destination[20..], BestLtr);
        destination[22] = (byte)((IsBroken ? 0x01 : 0) | (NeedsIntra ? 0x02 : 0) | (IsAcknowledgement ? 0x04 : 0) | (HasBestLtr ? 0x08 : 0) | (DecoderIsCongested ? 0x10 : 0));
        destination[23] = Count;
        return SizeBytes;
    }
}
