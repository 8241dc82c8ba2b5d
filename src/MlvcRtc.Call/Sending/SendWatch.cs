using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Sees what the sending half does with each frame and tells the trace, the metrics and the statistics. Allocates nothing. Time comes in. Pictures on the encode thread, packets under the
/// sender's lock; the figures may be read from any.
/// </summary>
/// <param name="trace">Null = none.</param>
public sealed class SendWatch(TraceTrack? trace)
{
    /// <summary>Frames in the pacer that are followed; the pacer holds four large ones, or as many small ones as it skips for.</summary>
    private const int Followed = 64;

    private readonly (ushort Frame, int PacketsLeft, TimeSpan Queued)[] _queued = new (ushort, int, TimeSpan)[Followed];
    private readonly Counter _missed = new();

    /// <summary>Steps 2 and 3 of each coded frame.</summary>
    public RunningPercentiles EncodeTimes { get; } = new();

    /// <summary>How late packets leave: departure less the time that the pacer named.</summary>
    public RunningPercentiles PacingDelays { get; } = new();

    /// <summary>Frames coded after their deadline.</summary>
    public long DeadlinesMissed => _missed.Value;

    /// <summary>A captured picture was not coded, or its frame not sent.</summary>
    public void Dropped(FrameDrop reason, ushort? frame, TimeSpan now)
    {
        CallMetrics.NotSent(reason);
        trace?.Drop(reason == FrameDrop.Unsendable ? TraceLane.Pace : TraceLane.Capture, reason, frame, now);
    }

    /// <summary>A captured picture became a frame.</summary>
    /// <param name="begun">The encoder took it.</param>
    /// <param name="deadline">When it should have been coded.</param>
    public void Coded(EncodedFrame frame, TimeSpan begun, TimeSpan ended, TimeSpan deadline)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool late = ended > deadline;
        _missed.Add(late ? 1 : 0);
        EncodeTimes.Add(ended - begun);
        CallMetrics.Encoded(ended - begun, late);
        trace?.Span(TraceLane.Capture, frame.FrameId, frame.CaptureTime, begun);
        trace?.Span(TraceLane.Encode, frame.FrameId, begun, ended, deadline);
    }

    internal void Queued(ushort frame, int packets, TimeSpan now) => _queued[frame % Followed] = (frame, packets, now);

    /// <param name="due">When the pacer let the packet go.</param>
    internal void Departed(ushort frame, TimeSpan due, TimeSpan now)
    {
        PacingDelays.Add(now - due);
        CallMetrics.Departed(now - due);
        ref (ushort Frame, int PacketsLeft, TimeSpan Queued) place = ref _queued[frame % Followed];
        if (place.Frame == frame && --place.PacketsLeft == 0)
        {
            trace?.Span(TraceLane.Pace, frame, place.Queued, now);
        }
    }
}
