using System.Buffers.Binary;
using System.Numerics;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// "Send these packets again" (RFC 4585 §6.2.1): transport-layer feedback, FMT 1. Each feedback control information names one RTP sequence
/// number and a bit mask of the 16 after it:
/// <code>
/// PID:16 | BLP:16     bit i of BLP = PID + i + 1, modulo 2^16
/// </code>
/// A view of the datagram; valid as long as its bytes. Reading allocates nothing, and visits at most 17 numbers per four bytes.
/// </summary>
public readonly ref struct GenericNack
{
    /// <summary>Sequence numbers that one message of ours names at most: each in an information of its own fits 12 + 4 · 64 = 268 bytes.</summary>
    public const int MaxSequenceNumbers = 64;

    /// <summary>Bytes of a message of ours at most.</summary>
    public const int MaxBytes = HeadBytes + (InformationBytes * MaxSequenceNumbers);

    private const byte Fmt = 1;
    private const int HeadBytes = 12;        // RTCP header and two SSRCs
    private const int InformationBytes = 4;  // PID and BLP

    private readonly ReadOnlySpan<byte> _informations;

    private GenericNack(uint senderSsrc, uint mediaSsrc, ReadOnlySpan<byte> informations)
    {
        SenderSsrc = senderSsrc;
        MediaSsrc = mediaSsrc;
        _informations = informations;
    }

    /// <summary>Who asks.</summary>
    public uint SenderSsrc { get; }

    /// <summary>Whose packets are meant.</summary>
    public uint MediaSsrc { get; }

    /// <summary>True when <paramref name="packet"/> is such a message. What follows the last whole information is ignored.</summary>
    public static bool TryRead(RtcpPacket packet, out GenericNack nack)
    {
        nack = default;
        if (packet.PacketType != RtcpPacket.TransportFeedback || packet.Count != Fmt || packet.Body.Length < 8 + InformationBytes)
        {
            return false;
        }

        int informations = (packet.Body.Length - 8) / InformationBytes;
        nack = new GenericNack(
            BinaryPrimitives.ReadUInt32BigEndian(packet.Body),
            BinaryPrimitives.ReadUInt32BigEndian(packet.Body[4..]),
            packet.Body.Slice(8, informations * InformationBytes));
        return true;
    }

    /// <summary>Writes the reduced-size form (RFC 5506) with as few informations as the order given allows.</summary>
    /// <param name="destination">At least <see cref="MaxBytes"/>.</param>
    /// <param name="sequenceNumbers">1..64 numbers, oldest first.</param>
    /// <returns>Bytes written; a multiple of four.</returns>
    public static int Write(Span<byte> destination, uint senderSsrc, uint mediaSsrc, ReadOnlySpan<ushort> sequenceNumbers)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sequenceNumbers.Length, nameof(sequenceNumbers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequenceNumbers.Length, MaxSequenceNumbers, nameof(sequenceNumbers));
        int length = HeadBytes;
        for (int i = 0; i < sequenceNumbers.Length;)
        {
            ushort first = sequenceNumbers[i++];
            int following = 0;
            while (i < sequenceNumbers.Length && (ushort)(sequenceNumbers[i] - first) is > 0 and <= 16 and ushort distance)
            {
                following |= 1 << (distance - 1);
                i++;
            }

            BinaryPrimitives.WriteUInt16BigEndian(destination[length..], first);
            BinaryPrimitives.WriteUInt16BigEndian(destination[(length + 2)..], (ushort)following);
            length += InformationBytes;
        }

        destination[0] = (2 << 6) | Fmt;
        destination[1] = RtcpPacket.TransportFeedback;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)((length / 4) - 1));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], senderSsrc);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], mediaSsrc);
        return length;
    }

    /// <summary>The sequence numbers asked for, in the order of the message; repeats are not removed.</summary>
    public Enumerator GetEnumerator() => new(_informations);

    /// <summary>Walks the informations.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;
        private ushort _first;
        private uint _following;

        internal Enumerator(ReadOnlySpan<byte> informations) => _rest = informations;

        public ushort Current { get; private set; }

        public bool MoveNext()
        {
            if (_following != 0)
            {
                Current = (ushort)(_first + 1 + BitOperations.TrailingZeroCount(_following));
                _following &= _following - 1;
                return true;
            }

            if (_rest.IsEmpty)
            {
                return false;
            }

            Current = _first = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            _following = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
            _rest = _rest[InformationBytes..];
            return true;
        }
    }
}
