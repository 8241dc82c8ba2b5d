namespace MlvcRtc.Codec.References;

/// <summary>Everything the GOP structure remembers from frame to frame. A value: a decision carries the state that follows it.</summary>
internal struct GopState
{
    /// <summary>Decisions committed so far; a decision made from another state does not fit.</summary>
    public long Serial;

    /// <summary>Frames since the IDR of the last frame; -1 = no frame yet, or a restart was ordered.</summary>
    public long FrameNumber;

    /// <summary>Position of the last frame in the layer pattern.</summary>
    public long GopIndex;

    /// <summary>Temporal layers in force at the last frame.</summary>
    public int TemporalLayers;

    /// <summary>The newest base-layer frame: what the next frame of either layer is predicted from.</summary>
    public LtrSlot NewestBase;

    /// <summary>The long-term references.</summary>
    public LtrSlots Slots;

    /// <summary>External mode: the slot that waits for a base-layer frame; -1 = none.</summary>
    public int PendingMark;

    /// <summary>Internal mode: renewals since the IDR.</summary>
    public long Branch;

    /// <summary>Internal mode: frame number of this branch's root; -1 = none.</summary>
    public long Root;

    /// <summary>Internal mode: base-layer frames in this branch.</summary>
    public long Depth;

    /// <summary>Internal mode: base-layer frames since the last mark.</summary>
    public long SinceMark;

    public static GopState Initial(int slots) => new()
    {
        FrameNumber = -1,
        NewestBase = LtrSlot.Empty,
        Slots = new LtrSlots(slots),
        PendingMark = -1,
        Root = -1,
    };
}
