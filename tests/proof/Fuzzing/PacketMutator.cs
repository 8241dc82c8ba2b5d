using System.Buffers.Binary;

namespace MlvcRtc.Proof.Fuzzing;

/// <summary>
/// Makes wrong packets of right ones, the same ones for the same seed: flipped bits, bytes and numbers of the kind that overflow, lengths that lie,
/// cuts, repeats, and heads of one packet on the body of another. A quarter stays as it is, so that the state behind the parsers moves on.
/// </summary>
internal sealed class PacketMutator(ulong seed)
{
    public const int MaxBytes = 1500;

    private static readonly ushort[] Awkward = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF];

    private readonly byte[] _bytes = new byte[MaxBytes];
    private ulong _state = seed | 1;

    /// <summary>Packets that were damaged so far.</summary>
    public long Mutants { get; private set; }

    /// <summary>A mutant of <paramref name="packet"/>; valid until the next call.</summary>
    /// <param name="other">For splices.</param>
    public ReadOnlySpan<byte> Mutate(ReadOnlySpan<byte> packet, ReadOnlySpan<byte> other)
    {
        packet.CopyTo(_bytes);
        int length = packet.Length;
        uint edits = Next(4);
        Mutants += edits > 0 ? 1 : 0;
        for (uint edit = 0; edit < edits && length > 0; edit++)
        {
            length = Edit(length, other);
        }

        return _bytes.AsSpan(0, length);
    }

    /// <summary>0 .. below <paramref name="bound"/>.</summary>
    public uint Next(uint bound)
    {
        // xorshift64*, Vigna 2016; the high half is multiplied into the range.
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (uint)((((_state * 2685821657736338717) >> 32) * bound) >> 32);
    }

    private int Edit(int length, ReadOnlySpan<byte> other)
    {
        // Most damage goes where the fields are.
        int at = (int)Next((uint)(Next(4) > 0 ? Math.Min(length, 32) : length));
        switch (Next(10))
        {
            case 0 or 1 or 2:
                _bytes[at] ^= (byte)(1 << (int)Next(8));
                return length;
            case 3:
                _bytes[at] = (byte)Next(256);
                return length;
            case 4:  // a number at a wrap or sign boundary
                at &= ~1;
                if (at + 2 <= length)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(at), Awkward[Next((uint)Awkward.Length)]);
                }

                return length;
            case 5:  // a neighbour of the number
                at &= ~1;
                if (at + 2 <= length)
                {
                    ushort value = BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));
                    BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(at), (ushort)(value + Next(9) - 4));
                }

                return length;
            case 6:  // cut
                return at;
            case 7:  // the head of this on the body of another
                int tail = Math.Min(other.Length, MaxBytes) - at;
                if (tail > 0)
                {
                    other.Slice(at, tail).CopyTo(_bytes.AsSpan(at));
                    return at + tail;
                }

                return length;
            case 8:  // the length of an RTCP packet, or of an RTP extension, lies
                int field = Next(2) == 0 ? 2 : 14;
                if (field + 2 <= length)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(field), (ushort)Next(Next(2) == 0 ? 16u : 65536u));
                }

                return length;
            default:  // another packet behind it, as in a compound
                int room = Math.Min(other.Length, MaxBytes - length);
                other[..room].CopyTo(_bytes.AsSpan(length));
                return length + room;
        }
    }
}
