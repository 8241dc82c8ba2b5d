namespace MlvcRtc.Codec.Bitstream;

/// <summary>What became of a buffer given to the parser. Append-only: the value names the fault, and so the remedy.</summary>
public enum BitstreamStatus
{
    /// <summary>One frame was read.</summary>
    Ok = 0,

    /// <summary>The syntax is violated (libmlvc: bit_stream_unexpected). Remedy: as for a lost frame.</summary>
    Unexpected = 1,

    /// <summary>A PPS names an SPS that is not held. Remedy: an IDR.</summary>
    MissingSps = 2,

    /// <summary>A frame names a PPS that is not held. Remedy: an IDR.</summary>
    MissingPps = 3,

    /// <summary>The buffer ended before a frame; parameter sets in it were taken over. Normal when those come by themselves.</summary>
    PartialAccessUnit = 4,
}
