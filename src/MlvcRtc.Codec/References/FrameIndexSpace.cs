namespace MlvcRtc.Codec.References;

/// <summary>
/// How frame indices of a given width compare. With 16 bits they wrap around: calls run without periodic IDR, and whatever lies 2^15 frames
/// or more back is invalid. With fewer bits they restart at an IDR before the space ends, so that all of it is usable.
/// </summary>
/// <param name="Bits">Width of a frame index, 8..31.</param>
public readonly record struct FrameIndexSpace(int Bits)
{
    /// <summary>The width at which indices wrap.</summary>
    public const int WrappingBits = 16;

    /// <summary>Indices run on past the end of the space.</summary>
    public bool Wraps => Bits == WrappingBits;

    /// <summary>Indices there are.</summary>
    public long Size => 1L << Bits;

    /// <summary>Frames back at which a reference is no longer valid.</summary>
    public long StaleAge => Wraps ? Size / 2 : Size;

    /// <summary>The index of the frame that is <paramref name="frameNumber"/> frames after the IDR.</summary>
    public int IndexOf(long frameNumber) => (int)(frameNumber & (Size - 1));

    /// <summary>Frames from <paramref name="older"/> to <paramref name="current"/>, 0 .. Size - 1.</summary>
    public int Age(int current, int older) => (int)(((long)current - older) & (Size - 1));

    /// <summary>True when <paramref name="older"/> lies too far back to be told from a frame to come.</summary>
    public bool IsStale(int current, int older) => Age(current, older) >= StaleAge;
}
