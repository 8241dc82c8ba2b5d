namespace MlvcRtc.Codec.Entropy;

/// <summary>Numbers in steps, as contexts take them: "steps of v at a, b …" of docs/bitstream.md §10.</summary>
internal static class Thresholds
{
    /// <summary>How many of the rising <paramref name="starts"/> are at most <paramref name="value"/>.</summary>
    public static int Reached(ReadOnlySpan<byte> starts, int value)
    {
        int step = 0;
        while (step < starts.Length && value >= starts[step])
        {
            step++;
        }

        return step;
    }
}
