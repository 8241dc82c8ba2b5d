namespace MlvcRtc.Call.Adaptation;

/// <summary>
/// Which captured pictures are odd: the one after each base-layer frame. Odd pictures are coded in the second temporal layer, to which no frame refers, or left
/// out: for half the frame rate always, and before all others when the pacer is behind. One thread at a time.
/// </summary>
internal sealed class LayerPattern
{
    /// <summary>The next picture's place: odd ones may be left out without harm to the rhythm of the base layer.</summary>
    public bool IsOdd { get; private set; }

    /// <summary>The picture was coded.</summary>
    public void Coded(bool discardable) => IsOdd = !discardable;

    /// <summary>The picture was not coded. The next one takes the place of a base-layer frame that failed to come.</summary>
    public void Skipped() => IsOdd = false;
}
