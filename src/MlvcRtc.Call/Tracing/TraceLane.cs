namespace MlvcRtc.Call.Tracing;

/// <summary>Where a frame is worked on; a row of the picture that the trace gives, from top to bottom.</summary>
public enum TraceLane : byte
{
    /// <summary>From the capture to the encoder.</summary>
    Capture = 0,

    /// <summary>All of steps 2 and 3, on the encode thread.</summary>
    Encode = 1,

    /// <summary>Search for what moved, and moving it, where the model does.</summary>
    EncodeMotion = 2,

    /// <summary>The encoder's graph.</summary>
    EncodeNetwork = 3,

    /// <summary>Symbols to bytes.</summary>
    EncodeEntropy = 4,

    /// <summary>From the pacer's queue to the departure of the frame's last packet.</summary>
    Pace = 5,

    /// <summary>From the frame's first packet to the whole frame, its reference delivered.</summary>
    Receive = 6,

    /// <summary>Step 9, on the decode thread.</summary>
    Decode = 7,

    /// <summary>Bytes to symbols.</summary>
    DecodeEntropy = 8,

    /// <summary>Moving blocks of the reference, where something moved.</summary>
    DecodeMotion = 9,

    /// <summary>The decoder's graph.</summary>
    DecodeNetwork = 10,

    /// <summary>From the decoded picture to its presentation.</summary>
    Present = 11,
}

/// <summary>Why a picture or a frame went no further.</summary>
public enum FrameDrop : byte
{
    /// <summary>It was not dropped.</summary>
    None = 0,

    /// <summary>A newer picture came before the encoder was free.</summary>
    Replaced = 1,

    /// <summary>The pacer was behind.</summary>
    Queue = 2,

    /// <summary>The rate controller had no bits for it.</summary>
    Budget = 3,

    /// <summary>Half the frame rate is sent.</summary>
    HalfRate = 4,

    /// <summary>More than 256 packets.</summary>
    Unsendable = 5,

    /// <summary>Never whole.</summary>
    Lost = 6,

    /// <summary>The decoder was 64 frames behind.</summary>
    Overflow = 7,

    /// <summary>Its reference was missing, or its bytes were damaged.</summary>
    NotDecodable = 8,

    /// <summary>A newer picture was due as well.</summary>
    LateForShow = 9,

    /// <summary>It would not have been coded, or decoded, in time, and a newer one waited.</summary>
    Deadline = 10,
}
