namespace MlvcRtc.Codec.Entropy;

/// <summary>Choices in the order of reading. Grows, and is then reused. One thread.</summary>
internal sealed class ChoiceList
{
    private BinaryChoice[] _choices = new BinaryChoice[1024];

    public int Count { get; private set; }

    /// <summary>Valid until the next change.</summary>
    public ReadOnlySpan<BinaryChoice> Choices => _choices.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public void Add(BinaryChoice choice)
    {
        if (Count == _choices.Length)
        {
            Array.Resize(ref _choices, 2 * Count);
        }

        _choices[Count++] = choice;
    }
}
