using System.Buffers.Binary;

namespace MlvcRtc.WebRtc.Stun;

/// <summary>The value of XOR-MAPPED-ADDRESS and its relatives (RFC 8489 §14.2): hidden from middleboxes that rewrite every address they see.</summary>
internal static class XorAddress
{
    public const int MaxBytes = 20;

    private const byte FamilyV4 = 1;
    private const byte FamilyV6 = 2;

    public static bool TryRead(ReadOnlySpan<byte> value, TransactionId transaction, out TransportAddress address)
    {
        address = default;
        if (value.Length < 8)
        {
            return false;
        }

        ushort port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (StunMessage.MagicCookie >> 16));
        switch (value[1])
        {
            case FamilyV4 when value.Length == 8:
                address = new TransportAddress(BinaryPrimitives.ReadUInt32BigEndian(value[4..]) ^ StunMessage.MagicCookie, port, false);
                return true;
            case FamilyV6 when value.Length == MaxBytes:
                address = new TransportAddress(BinaryPrimitives.ReadUInt128BigEndian(value[4..]) ^ Mask(transaction), port, true);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Returns how many bytes it wrote.</summary>
    public static int Write(Span<byte> destination, TransportAddress address, TransactionId transaction)
    {
        destination[0] = 0;
        destination[1] = address.IsV6 ? FamilyV6 : FamilyV4;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(address.Port ^ (StunMessage.MagicCookie >> 16)));
        if (address.IsV6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination[4..], address.Bits ^ Mask(transaction));
            return MaxBytes;
        }

        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)address.Bits ^ StunMessage.MagicCookie);
        return 8;
    }

    /// <summary>The cookie, then the transaction.</summary>
    private static UInt128 Mask(TransactionId transaction) =>
        ((UInt128)StunMessage.MagicCookie << 96) | ((UInt128)transaction.High << 32) | transaction.Low;
}
