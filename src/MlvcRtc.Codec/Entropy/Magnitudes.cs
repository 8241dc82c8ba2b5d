namespace MlvcRtc.Codec.Entropy;

/// <summary>Magnitudes as choices (docs/bitstream.md §12): is it more than 0, than 1, …; beyond so many questions, Exp-Golomb with the number of its bits by questions.</summary>
/// <param name="sizes">Questions before that.</param>
/// <param name="rowLength">Logits in a row: those questions, and the rest for how many bits there are, the last for all more.</param>
internal readonly struct Magnitudes(int sizes, int rowLength)
{
    /// <summary>Bits below the first: with them every magnitude up to int.MaxValue can be said. Stops a stream that says yes for ever.</summary>
    private const int MaxBits = 30;

    /// <summary>Codes one; <paramref name="given"/> is what a writer has to say.</summary>
    public int Code<TCoder>(ref TCoder coder, MixedOdds odds, scoped ReadOnlySpan<int> rows, int given)
        where TCoder : struct, IChoices, allows ref struct
    {
        for (int found = 0; found < sizes; found++)
        {
            if (!odds.Ask(ref coder, rows, found, given > found))
            {
                return found;
            }
        }

        int rest = Rest(ref coder, odds, rows, given - (sizes - 1));
        if (rest <= int.MaxValue - (sizes - 1))
        {
            return sizes - 1 + rest;
        }

        coder.Refuse(EntropyStatus.InvalidEscape);
        return sizes;
    }

    /// <summary>At least 1.</summary>
    private int Rest<TCoder>(ref TCoder coder, MixedOdds odds, scoped ReadOnlySpan<int> rows, int given)
        where TCoder : struct, IChoices, allows ref struct
    {
        int bits = 0;
        while (odds.Ask(ref coder, rows, int.Min(sizes + bits, rowLength - 1), given >> bits > 1))
        {
            bits++;
            if (bits > MaxBits)
            {
                coder.Refuse(EntropyStatus.InvalidEscape);
                return 1;
            }
        }

        int found = 1;
        for (int bit = bits - 1; bit >= 0; bit--)
        {
            found = (2 * found) + (coder.Ask(MixedOdds.Even, (given >> bit & 1) != 0) ? 1 : 0);
        }

        return found;
    }
}
