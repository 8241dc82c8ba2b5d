using MlvcRtc.Rtp.Feedback;

namespace MlvcRtc.Rtp.Recovery;

/// <summary>
/// Notices that repairs do not help: the receiver says again and again that its picture is broken, and decodes nothing meanwhile. Then it does not keep what the sender believes it keeps,
/// as after a forged acknowledgement, and only what it names now counts. Time comes in; one thread at a time; allocates nothing.
/// </summary>
public sealed class FailedRepairs
{
    /// <summary>
    /// Beyond the round trip: twelve frames at 24 frames/s, each of which would mend the picture in acknowledged-reference mode. At 20 % loss all twelve are lost once in 10^8 times;
    /// as long as a key frame may have to wait. Ours.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private (ushort LastDecoded, TimeSpan Since)? _stuck;

    /// <summary>True when repairs fail; then not again until as much time has passed.</summary>
    /// <param name="feedback">What the receiver says.</param>
    /// <param name="roundTripTime">Not negative.</param>
    /// <param name="now">When it was heard.</param>
    public bool Hear(in ReferenceFeedback feedback, TimeSpan roundTripTime, TimeSpan now)
    {
        bool same = feedback.IsBroken && _stuck?.LastDecoded == feedback.LastDecoded;
        bool failed = same && now - _stuck!.Value.Since >= roundTripTime + Patience;
        _stuck = !feedback.IsBroken ? null : same && !failed ? _stuck : (feedback.LastDecoded, now);
        return failed;
    }
}
