using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Payload;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Sees what the receiving half does with each frame and tells the trace, the metrics and the statistics. Allocates nothing. Time comes in. Packets and whole frames on the receive thread, the
/// others on the decode and present threads; the figures may be read from any.
/// </summary>
/// <param name="trace">Null = none.</param>
public sealed class ReceiveWatch(TraceTrack? trace)
{
    /// <summary>Frames whose first packet is remembered.</summary>
    private const int Followed = 256;

    private readonly (ushort Frame, TimeSpan First)[] _arrivals = new (ushort, TimeSpan)[Followed];
    private readonly Counter _missed = new();
    private long _lost;

    /// <summary>Step 9 of each decoded frame.</summary>
    public RunningPercentiles DecodeTimes { get; } = new();

    /// <summary>Frames decoded after the time at which they should have been shown.</summary>
    public long DeadlinesMissed => _missed.Value;

    /// <summary>A datagram came.</summary>
    public void Arrived(ReadOnlySpan<byte> datagram, TimeSpan arrival)
    {
        if (trace is null || !RtpPacket.TryParse(datagram, out RtpPacket packet) || PayloadDescriptor.Read(packet.Payload, out PayloadDescriptor descriptor) != DescriptorStatus.Ok)
        {
            return;
        }

        ref (ushort Frame, TimeSpan First) place = ref _arrivals[descriptor.FrameId % Followed];
        if (place.Frame != descriptor.FrameId || place.First == TimeSpan.Zero)
        {
            place = (descriptor.FrameId, arrival);
        }
    }

    /// <summary>A frame is whole and has its reference.</summary>
    public void Whole(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        (ushort id, TimeSpan first) = _arrivals[frame.FrameId % Followed];
        trace?.Span(TraceLane.Receive, frame.FrameId, id == frame.FrameId ? first : now, now);
    }

    /// <summary>So many frames in all were given up.</summary>
    public void Lost(long inAll, TimeSpan now)
    {
        if (inAll != _lost)
        {
            CallMetrics.NotShown(FrameDrop.Lost, inAll - _lost);
            trace?.Drop(TraceLane.Receive, FrameDrop.Lost, frame: null, now);
            _lost = inAll;
        }
    }

    /// <summary>A frame ended here.</summary>
    public void Dropped(FrameDrop reason, ushort frame, TimeSpan now)
    {
        CallMetrics.NotShown(reason);
        trace?.Drop(reason switch { FrameDrop.LateForShow => TraceLane.Present, FrameDrop.Overflow => TraceLane.Receive, _ => TraceLane.Decode }, reason, frame, now);
    }

    /// <summary>A frame was decoded.</summary>
    /// <param name="deadline">When its picture should be shown; null = as soon as it can be.</param>
    public void Decoded(EncodedFrame frame, TimeSpan begun, TimeSpan ended, TimeSpan? deadline)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool late = ended > deadline;
        _missed.Add(late ? 1 : 0);
        DecodeTimes.Add(ended - begun);
        CallMetrics.Decoded(ended - begun, late);
        trace?.Span(TraceLane.Decode, frame.FrameId, begun, ended, deadline);
    }

    /// <summary>A picture was shown.</summary>
    /// <param name="ready">It was decoded.</param>
    public void Shown(ushort frame, TimeSpan ready, TimeSpan now) => trace?.Span(TraceLane.Present, frame, ready, now);
}
