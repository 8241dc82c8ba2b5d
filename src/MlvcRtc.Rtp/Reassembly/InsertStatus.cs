namespace MlvcRtc.Rtp.Reassembly;

/// <summary>Append-only: what became of one packet.</summary>
public enum InsertStatus
{
    Accepted = 0,

    /// <summary>This fragment is here already.</summary>
    Duplicate = 1,

    /// <summary>Its frame was delivered or given up before.</summary>
    TooLate = 2,

    /// <summary>The descriptor breaks the format, or the fragment is empty or larger than a packet may be.</summary>
    Malformed = 3,

    /// <summary>It contradicts an earlier packet of the same frame.</summary>
    Inconsistent = 4,

    /// <summary>Its frame would exceed the largest that we accept.</summary>
    FrameTooLarge = 5,

    /// <summary>No room even after giving up older frames.</summary>
    NoRoom = 6,

    /// <summary>Its frame lies beyond the window, and no other packet has confirmed yet that so many frames were lost.</summary>
    TooFarAhead = 7,
}

/// <summary>Frames that will never be delivered: <paramref name="Count"/> FRAME_IDs from <paramref name="First"/> on.</summary>
public readonly record struct LostFrames(ushort First, int Count);
