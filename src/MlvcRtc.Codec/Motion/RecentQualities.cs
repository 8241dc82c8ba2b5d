namespace MlvcRtc.Codec.Motion;

/// <summary>Quality indices of the last frames, from which one guesses those of the next: about the same, or better and worse by turns (<see cref="RateControl.QpCascade"/>).</summary>
internal sealed class RecentQualities
{
    /// <summary>As many as lie between two of a cascade's better frames, at most.</summary>
    private const int Frames = 8;

    /// <summary>
    /// Differences up to this are those of rate control. A cascade's qualities span 16 and more. Bits of calls at 30 to 240 kbit/s against no frame counting as steady, four clips: 0.1 % more
    /// with 3, 1.7 % less with 7, 4.6 with 15 (mlvc-xs v0.209).
    /// </summary>
    private const int MostSpread = 15;

    private readonly int[] _indices = new int[Frames];
    private int _count;
    private int _next;

    /// <summary>Another frame's, before the hierarchical shift.</summary>
    public void Add(int qIndex)
    {
        _indices[_next] = qIndex;
        _next = (_next + 1) % Frames;
        _count = int.Min(_count + 1, Frames);
    }

    /// <summary>A frame of this quality and those before it have about one quality.</summary>
    public bool IsSteadyWith(int qIndex)
    {
        (int least, int most) = (qIndex, qIndex);
        foreach (int other in _indices.AsSpan(0, _count))
        {
            (least, most) = (int.Min(least, other), int.Max(most, other));
        }

        return most - least <= MostSpread;
    }
}
