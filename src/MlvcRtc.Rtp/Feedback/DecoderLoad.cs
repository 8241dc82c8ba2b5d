namespace MlvcRtc.Rtp.Feedback;

/// <summary>
/// Tells when decoding is slower than arrival: frames wait, and go on waiting. A backlog of a repaired loss drains within half a second on a decoder with
/// any headroom to speak of (RTT 200 ms, 30 frames/s, decoding in half an interval: 6 frames, 200 ms), so that only a longer one
/// counts; and all is well only after a second without one. Time comes in.
/// </summary>
public sealed class DecoderLoad
{
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(500), WellAfter = TimeSpan.FromSeconds(1);

    private TimeSpan? _changing;

    /// <summary>Decoding is slower than arrival.</summary>
    public bool IsCongested { get; private set; }

    /// <param name="waiting">Whole frames that wait for the decoder; one may always be on its way.</param>
    public void Look(int waiting, TimeSpan now)
    {
        bool slow = waiting > 1;
        if (slow == IsCongested)
        {
            _changing = null;
            return;
        }

        _changing ??= now;
        if (now - _changing >= (slow ? SlowAfter : WellAfter))
        {
            IsCongested = slow;
            _changing = null;
        }
    }
}
