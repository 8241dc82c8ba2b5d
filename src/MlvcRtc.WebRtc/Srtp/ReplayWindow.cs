namespace MlvcRtc.WebRtc.Srtp;

/// <summary>Which of the newest indices were seen (RFC 3711 §3.3.2, which asks for 64 at least). A ring of bits; allocates nothing after it was made.</summary>
public sealed class ReplayWindow
{
    /// <summary>
    /// Indices that are told apart: a packet may be overtaken by so many. At 5 Mbit/s that is 2 s, more than any network reorders; 128 bytes a stream.
    /// </summary>
    public const int Packets = 1024;

    private const int BitsPerWord = 64;
    private readonly ulong[] _seen = new ulong[Packets / BitsPerWord];

    /// <summary>Before the first <see cref="Mark"/>.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The greatest index marked; 0 before the first.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Whether a packet of this index may still be taken: Ok, Replayed or TooOld. Changes nothing.</summary>
    public SrtpVerdict Check(ulong index)
    {
        if (IsEmpty || index > Highest)
        {
            return SrtpVerdict.Ok;
        }

        return Highest - index >= Packets ? SrtpVerdict.TooOld
            : (Word(index) & Bit(index)) != 0 ? SrtpVerdict.Replayed
            : SrtpVerdict.Ok;
    }

    /// <summary>Notes an index that <see cref="Check"/> found Ok, after its packet was authenticated and not before: else a forgery could shut packets out.</summary>
    public void Mark(ulong index)
    {
        if (IsEmpty)
        {
            IsEmpty = false;
            Highest = index;
        }
        else if (index > Highest)
        {
            Forget(index - Highest);
            Highest = index;
        }

        Word(index) |= Bit(index);
    }

    /// <summary>Clears the places of the indices between the old highest and the new one.</summary>
    private void Forget(ulong steps)
    {
        if (steps >= Packets)
        {
            Array.Clear(_seen);
            return;
        }

        for (ulong index = Highest + 1; index <= Highest + steps; index++)
        {
            Word(index) &= ~Bit(index);
        }
    }

    private ref ulong Word(ulong index) => ref _seen[index % Packets / BitsPerWord];

    private static ulong Bit(ulong index) => 1UL << (int)(index % BitsPerWord);
}
