using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>Writes one STUN message into a span that the caller knows to be large enough (<see cref="BufferBytes"/> for everything we send ourselves).</summary>
internal ref struct StunWriter
{
    /// <summary>
    /// A request of ours at its largest: header 20, USERNAME 4 + 513 + 3 for ICE (RFC 8489 §14.3: under 509 bytes for TURN), REALM and NONCE 4 + 763 each
    /// (§§14.9, 14.10), and 100 for the rest.
    /// </summary>
    public const int BufferBytes = 2300;

    private readonly Span<byte> _buffer;
    private readonly TransactionId _transaction;
    private int _length;

    public StunWriter(Span<byte> buffer, StunClass messageClass, StunMethod method, TransactionId transaction)
    {
        _buffer = buffer;
        _transaction = transaction;
        int m = (int)method;
        int c = (int)messageClass;
        BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)((m & 0xF) | ((m & 0x70) << 1) | ((m & 0xF80) << 2) | ((c & 1) << 4) | ((c & 2) << 7)));
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], StunMessage.MagicCookie);
        transaction.Write(buffer[8..]);
        _length = StunMessage.HeaderBytes;
        WriteLength();
    }

    public readonly ReadOnlySpan<byte> Written => _buffer[.._length];

    public void Add(StunAttribute type, scoped ReadOnlySpan<byte> value)
    {
        Span<byte> place = Place(type, value.Length);
        value.CopyTo(place);
    }

    public void Add(StunAttribute type, string value) => Encoding.UTF8.GetBytes(value, Place(type, Encoding.UTF8.GetByteCount(value)));

    public void Add(StunAttribute type, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Place(type, 4), value);

    public void Add(StunAttribute type, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Place(type, 8), value);

    public void AddXorAddress(StunAttribute type, TransportAddress address)
    {
        Span<byte> value = stackalloc byte[XorAddress.MaxBytes];
        Add(type, value[..XorAddress.Write(value, address, _transaction)]);
    }

    /// <param name="code">300..699.</param>
    public void AddError(int code, string reason)
    {
        Span<byte> place = Place(StunAttribute.ErrorCode, 4 + Encoding.UTF8.GetByteCount(reason));
        place[..2].Clear();
        place[2] = (byte)(code / 100);
        place[3] = (byte)(code % 100);
        Encoding.UTF8.GetBytes(reason, place[4..]);
    }

    /// <summary>Signs what was written so far (RFC 8489 §14.5).</summary>
    public void AddIntegrity(ReadOnlySpan<byte> key)
    {
        int signed = _length;
        Span<byte> mac = Place(StunAttribute.MessageIntegrity, HMACSHA1.HashSizeInBytes);
        StunIntegrity.Compute(key, _buffer[..signed], mac);
    }

    /// <summary>The last attribute (RFC 8489 §14.7).</summary>
    public void AddFingerprint()
    {
        int covered = _length;
        Span<byte> place = Place(StunAttribute.Fingerprint, 4);
        BinaryPrimitives.WriteUInt32BigEndian(place, Crc32.Of(_buffer[..covered]) ^ StunMessage.FingerprintXor);
    }

    private Span<byte> Place(StunAttribute type, int length)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[_length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(_length + 2)..], (ushort)length);
        Span<byte> value = _buffer.Slice(_length + 4, length);
        int padded = (length + 3) & ~3;
        _buffer.Slice(_length + 4 + length, padded - length).Clear();
        _length += 4 + padded;
        WriteLength();
        return value;
    }

    private readonly void WriteLength() => BinaryPrimitives.WriteUInt16BigEndian(_buffer[2..], (ushort)(_length - StunMessage.HeaderBytes));
}
