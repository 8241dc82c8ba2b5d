using MlvcRtc.Call.Adaptation;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// How many bits the next frame may have: the socket for a rate controller (which knows the codec, while Call does not).
/// All members are called on the encode thread.
/// </summary>
public interface IFrameBudget
{
    /// <summary>kbit/s (1 kbit = 1000 bit) to aim at, packet headers not included.</summary>
    double TargetKbps { get; set; }

    /// <summary>From the next frame on pictures have another size or rate; a new size begins with a key frame. Budgets that need not know do nothing.</summary>
    /// <param name="shape">What is coded.</param>
    /// <param name="frameInterval">From one coded picture to the next.</param>
    void Reshape(in VideoShape shape, TimeSpan frameInterval)
    {
    }

    /// <summary>The request for the frame captured now; null = skip it. What was chosen and is skipped is asked for again.</summary>
    EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now);

    /// <summary>What the planned frame really took.</summary>
    void Commit(EncodedFrame coded);
}
