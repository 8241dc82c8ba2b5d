using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>96 bits that nobody off the path can guess (RFC 8489 §5): what ties a response to its request.</summary>
internal readonly record struct TransactionId(ulong High, uint Low)
{
    public const int Bytes = 12;

    public static TransactionId NewRandom()
    {
        Span<byte> random = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(random);
        return Read(random);
    }

    public static TransactionId Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Low);
    }
}
