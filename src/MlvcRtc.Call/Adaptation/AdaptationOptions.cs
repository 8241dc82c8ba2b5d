namespace MlvcRtc.Call.Adaptation;

/// <summary>When <see cref="VideoShaper"/> changes the picture. Bits per pixel are bits of coded video per luma sample of a coded picture.</summary>
public sealed record AdaptationOptions
{
    /// <summary>
    /// Below so many bits per pixel the picture is given up for a cheaper one. mlvc-xs at its coarsest (QP 48) needs 0.012 to 0.018 on two
    /// talking heads of 640x360 and 426x240 at 15 and 30 frames/s, so that with less it would soon skip frames anyhow. The curves of neighbouring sizes cross between 0.020 and 0.035
    /// (docs/architecture.md, "Adaptation"); the lower end is taken because a change of size costs a key frame.
    /// </summary>
    public double LeastBitsPerPixel { get; init; } = 0.020;

    /// <summary>A better picture must have so many times <see cref="LeastBitsPerPixel"/> before it is taken up again: an estimate that swings by 15 % (the back-off of congestion control) both ways does not reach from one bound to the other.</summary>
    public double Reserve { get; init; } = 1.4;

    /// <summary>Too few bits for so long halve the frame rate, which costs no key frame: longer than one report of the network takes (100 ms) at any round trip in use.</summary>
    public TimeSpan HalveAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Too few bits for so long make the picture smaller.</summary>
    public TimeSpan ShrinkAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Enough bits for so long bring the full frame rate back.</summary>
    public TimeSpan DoubleAfter { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Enough bits for so long make the picture larger by one size. A new size begins with a key frame, about ten frames' bits: at most 3 % of ten seconds at 30 frames/s.</summary>
    public TimeSpan GrowAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Each picture that was grown in vain doubles the wait for the next attempt, up to this.</summary>
    public TimeSpan LongestGrowAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The machine having room for so long brings back what was given up for its sake: the full frame rate, or one size. Soon, since its load is measured with every frame and is not a guess about a path:
    /// from two sizes and half the rate back to all in 4 s. An attempt in vain doubles the wait, up to <see cref="LongestRelievedAfter"/>.
    /// </summary>
    public TimeSpan RelievedAfter { get; init; } = TimeSpan.FromSeconds(1.2);

    /// <summary>Longest wait of that kind.</summary>
    public TimeSpan LongestRelievedAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>At full frame rate every second frame is in the second temporal layer: its loss harms no other frame, and it is the first to be skipped when the pacer is behind.</summary>
    public bool TwoLayers { get; init; } = true;

    /// <summary>What is wrong with the values, each in a sentence; empty = nothing.</summary>
    public IEnumerable<string> Problems()
    {
        if (!(LeastBitsPerPixel > 0))
        {
            yield return $"{nameof(LeastBitsPerPixel)} is {LeastBitsPerPixel}; a picture needs more than 0 bits per pixel (0.02 is the default).";
        }

        if (!(Reserve >= 1))
        {
            yield return $"{nameof(Reserve)} is {Reserve}; below 1 a better picture would be taken up without the bits for it, and given up again.";
        }

        foreach ((string name, TimeSpan value) in new[]
        {
            (nameof(HalveAfter), HalveAfter), (nameof(ShrinkAfter), ShrinkAfter), (nameof(DoubleAfter), DoubleAfter), (nameof(GrowAfter), GrowAfter), (nameof(RelievedAfter), RelievedAfter),
        })
        {
            if (value <= TimeSpan.Zero)
            {
                yield return $"{name} is {value}; without a wait the picture would change with every frame.";
            }
        }

        if (LongestGrowAfter < GrowAfter || LongestRelievedAfter < RelievedAfter)
        {
            yield return $"{nameof(LongestGrowAfter)} ({LongestGrowAfter}) and {nameof(LongestRelievedAfter)} ({LongestRelievedAfter}) must not be below {nameof(GrowAfter)} ({GrowAfter}) and {nameof(RelievedAfter)} ({RelievedAfter}).";
        }
    }
}
