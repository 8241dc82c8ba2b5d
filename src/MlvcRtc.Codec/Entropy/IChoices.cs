using System.Diagnostics;

namespace MlvcRtc.Codec.Entropy;

/// <summary>The two directions of one walk over what is coded: a writer notes answers, a reader finds them. One walk serves both, so that they cannot differ.</summary>
internal interface IChoices
{
    /// <summary>The bytes have proved damaged: nothing that follows means anything.</summary>
    bool IsDamaged { get; }

    /// <summary>A writer notes the answer; a reader finds it, and answers no once the bytes have proved damaged.</summary>
    bool Ask(ushort noSlots, bool answer);

    /// <summary>What was found may not be.</summary>
    void Refuse(EntropyStatus violation);
}

/// <summary>Notes choices.</summary>
internal readonly struct ChoiceWriter(ChoiceList list) : IChoices
{
    public bool IsDamaged => false;

    public bool Ask(ushort noSlots, bool answer)
    {
        list.Add(new BinaryChoice(noSlots, answer));
        return answer;
    }

    public void Refuse(EntropyStatus violation) => throw new UnreachableException($"{violation} while writing");
}

/// <summary>Finds choices.</summary>
internal ref struct ChoiceReader(RansDecoder data) : IChoices
{
    public RansDecoder Data = data;

    public readonly bool IsDamaged => Data.Status != EntropyStatus.Ok;

    public bool Ask(ushort noSlots, bool answer) => Data.Take(noSlots);

    public void Refuse(EntropyStatus violation) => Data.Refuse(violation);
}
