using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>
/// A view of one STUN message (RFC 8489 §5); valid as long as the bytes it was parsed from. Once parsed, every attribute lies within the message.
/// Attributes behind MESSAGE-INTEGRITY are not seen, FINGERPRINT excepted: nobody vouches for them (§14.5).
/// </summary>
internal readonly ref struct StunMessage
{
    public const int HeaderBytes = 20;

    public const uint MagicCookie = 0x2112A442;

    /// <summary>FINGERPRINT's CRC is XORed with "STUN" (RFC 8489 §14.7).</summary>
    public const uint FingerprintXor = 0x5354554E;

    /// <summary>The integrity of larger ones is not checked, that is, they fail: a request or response has some hundred bytes, and the check copies them to the stack.</summary>
    public const int MaxCheckedBytes = 2048;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Where attributes that count end.</summary>
    private readonly int _end;

    private readonly int _integrity;
    private readonly int _fingerprint;

    private StunMessage(ReadOnlySpan<byte> bytes, int end, int integrity, int fingerprint)
    {
        _bytes = bytes;
        _end = end;
        _integrity = integrity;
        _fingerprint = fingerprint;
        int type = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        Class = (StunClass)(((type >> 7) & 2) | ((type >> 4) & 1));
        Method = (StunMethod)((type & 0xF) | ((type >> 1) & 0x70) | ((type >> 2) & 0xF80));
        Transaction = TransactionId.Read(bytes[8..]);
    }

    public StunClass Class { get; }

    public StunMethod Method { get; }

    public TransactionId Transaction { get; }

    public bool HasIntegrity => _integrity > 0;

    /// <summary>Whether the datagram is to be read as STUN (RFC 7983 §7: first byte 0..3; and the magic cookie).</summary>
    public static bool LooksLikeStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderBytes && datagram[0] < 4 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>False when the bytes are no well-formed message. One pass, at most a quarter as many steps as bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out StunMessage message)
    {
        message = default;
        if (!LooksLikeStun(datagram)
            || BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) != datagram.Length - HeaderBytes
            || datagram.Length % 4 != 0)
        {
            return false;
        }

        int end = 0;
        int integrity = 0;
        int fingerprint = 0;
        int at = HeaderBytes;
        while (at < datagram.Length)
        {
            // at and the length are multiples of 4: a head of 4 bytes is there
            int length = BinaryPrimitives.ReadUInt16BigEndian(datagram[(at + 2)..]);
            int next = at + 4 + ((length + 3) & ~3);
            if (next > datagram.Length || fingerprint > 0)
            {
                return false;  // over the end, or something behind FINGERPRINT, which must be last
            }

            switch ((StunAttribute)BinaryPrimitives.ReadUInt16BigEndian(datagram[at..]))
            {
                case StunAttribute.MessageIntegrity when integrity == 0:
                    if (length != HMACSHA1.HashSizeInBytes)
                    {
                        return false;
                    }

                    integrity = at;
                    end = at;
                    break;
                case StunAttribute.Fingerprint:
                    if (length != 4)
                    {
                        return false;
                    }

                    fingerprint = at;
                    end = end == 0 ? at : end;
                    break;
            }

            at = next;
        }

        message = new StunMessage(datagram, end == 0 ? datagram.Length : end, integrity, fingerprint);
        return true;
    }

    /// <summary>The first attribute of the type; later ones of the same type are ignored (RFC 8489 §14).</summary>
    public bool TryGet(StunAttribute type, out ReadOnlySpan<byte> value)
    {
        for (int at = HeaderBytes; at < _end;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]);
            if (BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]) == (int)type)
            {
                value = _bytes.Slice(at + 4, length);
                return true;
            }

            at += 4 + ((length + 3) & ~3);
        }

        value = default;
        return false;
    }

    public bool Has(StunAttribute type) => TryGet(type, out _);

    public bool TryGetUInt32(StunAttribute type, out uint value)
    {
        bool found = TryGet(type, out ReadOnlySpan<byte> bytes) && bytes.Length == 4;
        value = found ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
        return found;
    }

    public bool TryGetUInt64(StunAttribute type, out ulong value)
    {
        bool found = TryGet(type, out ReadOnlySpan<byte> bytes) && bytes.Length == 8;
        value = found ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : 0;
        return found;
    }

    /// <summary>One of the XOR-…-ADDRESS attributes (RFC 8489 §14.2).</summary>
    public bool TryGetXorAddress(StunAttribute type, out TransportAddress address)
    {
        address = default;
        return TryGet(type, out ReadOnlySpan<byte> value) && XorAddress.TryRead(value, Transaction, out address);
    }

    /// <summary>The code of an error response, 300..699; 0 = none that can be read.</summary>
    public int ErrorCode() =>
        TryGet(StunAttribute.ErrorCode, out ReadOnlySpan<byte> value) && value.Length >= 4 && (value[2] & 7) is >= 3 and <= 6 && value[3] < 100
            ? ((value[2] & 7) * 100) + value[3]
            : 0;

    /// <summary>The first attribute that had to be understood and is not (RFC 8489 §6.3); null = none.</summary>
    public ushort? FirstUnknownRequired()
    {
        for (int at = HeaderBytes; at < _end;)
        {
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(_bytes[at..]);
            if (type < 0x8000 && !Enum.IsDefined((StunAttribute)type))
            {
                return type;
            }

            at += 4 + ((BinaryPrimitives.ReadUInt16BigEndian(_bytes[(at + 2)..]) + 3) & ~3);
        }

        return null;
    }

    /// <summary>Whether there is a FINGERPRINT and it is right.</summary>
    public bool HasValidFingerprint() =>
        _fingerprint > 0
        && (Crc32.Of(_bytes[.._fingerprint]) ^ FingerprintXor) == BinaryPrimitives.ReadUInt32BigEndian(_bytes[(_fingerprint + 4)..]);

    /// <summary>Whether there is a MESSAGE-INTEGRITY and it was made with the key; compared in constant time.</summary>
    public bool IsFrom(ReadOnlySpan<byte> key)
    {
        if (_integrity == 0 || _integrity > MaxCheckedBytes)
        {
            return false;
        }

        // The length in the header counts as if MESSAGE-INTEGRITY were last (RFC 8489 §14.5).
        Span<byte> signed = stackalloc byte[_integrity];
        _bytes[.._integrity].CopyTo(signed);
        BinaryPrimitives.WriteUInt16BigEndian(signed[2..], (ushort)(_integrity + 24 - HeaderBytes));
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
        StunIntegrity.Compute(key, signed, mac);
        return CryptographicOperations.FixedTimeEquals(mac, _bytes.Slice(_integrity + 4, HMACSHA1.HashSizeInBytes));
    }
}
