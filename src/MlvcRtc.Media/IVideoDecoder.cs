namespace MlvcRtc.Media;

/// <summary>Append-only: the value names the stage that failed and so the remedy.</summary>
public enum DecodeStatus
{
    Ok = 0,

    /// <summary>The frame that this one is predicted from is not held. Remedy: a recovery frame from a held slot, else a key frame.</summary>
    MissingReference = 1,

    /// <summary>Syntax or entropy coding is violated, or the bytes are of another frame than the transport said. Remedy: as for a lost frame.</summary>
    Corrupt = 2,

    /// <summary>No parameter sets yet. Remedy: a key frame.</summary>
    NeedsKeyFrame = 3,

    /// <summary>The stream's model version or size is not loaded. Remedy: install the bundle that the message names.</summary>
    UnknownModel = 4,

    /// <summary>Parameter sets only, no picture; harmless.</summary>
    NoPicture = 5,
}

/// <summary>Access units in, pictures out. One thread at a time.</summary>
public interface IVideoDecoder : IDisposable
{
    /// <summary>
    /// Decodes one access unit into <paramref name="picture"/>, which is resized to the displayed size. Where its headers disagree with what
    /// <paramref name="frame"/> says of it (docs/payload-format.md §3) it is <see cref="DecodeStatus.Corrupt"/>. On any status but
    /// <see cref="DecodeStatus.Ok"/> the picture is untouched and the decoder stays usable. Never throws on hostile bytes.
    /// </summary>
    /// <param name="frame">As delivered; ModelTag and coded size are read of Intra frames only, with which they travel.</param>
    DecodeStatus Decode(EncodedFrame frame, VideoFrame picture);
}
