using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.Dtls;

/// <summary>RFC 6347 §4.1, RFC 5246 §6.2.1.</summary>
internal enum DtlsContentType : byte
{
    ChangeCipherSpec = 20,
    Alert = 21,
    Handshake = 22,
    ApplicationData = 23,
}

/// <summary>A view of one DTLS record; valid as long as the datagram.</summary>
internal readonly ref struct DtlsRecord
{
    /// <summary>Type 1, version 2, epoch 2, sequence number 6, length 2 (RFC 6347 §4.1).</summary>
    public const int HeaderBytes = 13;

    /// <summary>DTLS 1.2 on the wire.</summary>
    public const ushort Version12 = 0xFEFD;

    /// <summary>The first ClientHello and a HelloVerifyRequest may carry the version 1.0 (RFC 6347 §4.2.1).</summary>
    private const ushort Version10 = 0xFEFF;

    private DtlsRecord(ReadOnlySpan<byte> whole)
    {
        Whole = whole;
        Type = (DtlsContentType)whole[0];
        Epoch = BinaryPrimitives.ReadUInt16BigEndian(whole[3..]);
        SequenceNumber = BinaryPrimitives.ReadUInt64BigEndian(whole[3..]) & 0xFFFF_FFFF_FFFF;
        Payload = whole[HeaderBytes..];
    }

    public DtlsContentType Type { get; }

    /// <summary>0: in the clear; 1: under the keys of the one handshake there is.</summary>
    public ushort Epoch { get; }

    /// <summary>48 bits.</summary>
    public ulong SequenceNumber { get; }

    /// <summary>Header and payload.</summary>
    public ReadOnlySpan<byte> Whole { get; }

    /// <summary>Ciphertext from epoch 1 on.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Takes the first record off a datagram. False at its end, or when what is left is no record: the rest is to be dropped (RFC 6347 §4.1.2.7).</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> datagram, out DtlsRecord record)
    {
        record = default;
        if (datagram.Length < HeaderBytes || datagram[0] is < 20 or > 23)
        {
            return false;
        }

        ushort version = BinaryPrimitives.ReadUInt16BigEndian(datagram[1..]);
        int bytes = HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(datagram[11..]);
        bool clear = BinaryPrimitives.ReadUInt16BigEndian(datagram[3..]) == 0;
        if (!(version == Version12 || (version == Version10 && clear)) || bytes > datagram.Length)
        {
            return false;
        }

        record = new DtlsRecord(datagram[..bytes]);
        datagram = datagram[bytes..];
        return true;
    }

    /// <summary>A record in the clear.</summary>
    public static byte[] Write(DtlsContentType type, ulong sequenceNumber, ReadOnlySpan<byte> payload)
    {
        byte[] record = new byte[HeaderBytes + payload.Length];
        record[0] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(1), Version12);
        BinaryPrimitives.WriteUInt64BigEndian(record.AsSpan(3), sequenceNumber);  // epoch 0
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(11), (ushort)payload.Length);
        payload.CopyTo(record.AsSpan(HeaderBytes));
        return record;
    }
}
