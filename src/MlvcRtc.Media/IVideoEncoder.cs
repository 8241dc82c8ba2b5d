namespace MlvcRtc.Media;

/// <summary>What the caller wants of one frame. The default value asks for an ordinary predicted frame.</summary>
/// <param name="Qp">Quantisation parameter 0 (best) .. 51; useful range 18..48.</param>
/// <param name="KeyFrame">Start anew from the zero state.</param>
/// <param name="RecoverFromSlot">Predict from this long-term reference slot (0..7), which the caller knows the receiver holds.</param>
/// <param name="MarkSlot">Keep this frame's state in this slot (0..7) on both sides; deferred to the next base-layer frame.</param>
/// <param name="Discardable">
/// No later frame will refer to this one (second temporal layer). Not granted to key and recovery frames. False leaves the layer to the encoder's own pattern.
/// </param>
/// <param name="MostBits">A predicted frame whose access unit, headers and all, turns out larger may be coded again: less of the picture, then coarser, as <see cref="EncodedFrame.Qp"/> says; it may still be larger. Null = no bound. A wish.</param>
public readonly record struct EncodeRequest(int Qp, bool KeyFrame = false, int? RecoverFromSlot = null, int? MarkSlot = null, bool Discardable = false, int? MostBits = null);

/// <summary>Append-only: the value names what happened and what the caller should do.</summary>
public enum EncodeStatus
{
    Ok = 0,

    /// <summary>The picture is larger than the encoder accepts; scale it down first.</summary>
    PictureTooLarge = 1,

    /// <summary>The requested slot is empty or out of range; ask for another slot or a key frame. Nothing was changed.</summary>
    NoSuchReference = 2,
}

/// <summary>Pictures in, access units out. One thread at a time. Time enters only through <see cref="VideoFrame.CaptureTime"/>.</summary>
public interface IVideoEncoder : IDisposable
{
    /// <summary>Codes <paramref name="picture"/> into <paramref name="coded"/>, which is overwritten. On any status but Ok the encoder's state is unchanged.</summary>
    /// <exception cref="ArgumentOutOfRangeException">QP outside 0..51.</exception>
    EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded);
}
