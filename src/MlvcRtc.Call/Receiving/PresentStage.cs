using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Step 10: decoded pictures wait for their time and are shown in decode order, so that a picture older than one already shown never is. Of several that
/// are due together only the newest is shown; the first of a call is shown at once. Decoding goes straight into the buffers kept here; allocates nothing once they exist. Time comes
/// in. One thread at a time; the figures may be read from any.
/// </summary>
/// <param name="watch">Sees what is shown and what is not; null = nobody does.</param>
public sealed class PresentStage(IVideoSink sink, SharedPlayoutClock playout, ReceiveWatch? watch = null)
{
    /// <summary>Pictures that wait at most: 200 ms at 100 frames/s, and some to spare. When one more comes the oldest is shown before its time.</summary>
    public const int MostWaiting = 24;

    private readonly Entry[] _ring = new Entry[MostWaiting + 1];  // oldest at _head; behind the waiting ones the picture being decoded
    private readonly FreezeDetector _freezes = new();
    private readonly Lock _guard = new();
    private readonly Counter _shown = new();
    private readonly Counter _droppedLate = new();
    private int _head;
    private int _waiting;
    private TimeSpan? _lastDue;

    public long FramesShown => _shown.Value;

    /// <summary>Decoded pictures that were never shown because a newer one was due as well.</summary>
    public long DroppedLate => _droppedLate.Value;

    /// <summary>Capture to presentation; meaningful only when both ends share a clock.</summary>
    public RunningPercentiles Latency { get; } = new();

    /// <summary>Count, summed and longest duration of freezes (webrtc-stats).</summary>
    public (int Count, TimeSpan Total, TimeSpan Longest) Freezes
    {
        get
        {
            lock (_guard)
            {
                return (_freezes.Count, _freezes.TotalDuration, _freezes.Longest);
            }
        }
    }

    /// <summary>The next frame is decoded into this picture; it waits after <see cref="Add"/>. The stage owns it.</summary>
    public VideoFrame Next => Place(_waiting).Picture;

    /// <summary>When <see cref="Present"/> has something to show; null = nothing waits.</summary>
    public TimeSpan? NextPresentation => _waiting > 0 ? Place(0).Due : null;

    /// <summary><see cref="Next"/> holds the picture of this frame.</summary>
    public void Add(EncodedFrame frame, TimeSpan ready)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Entry entry = Place(_waiting);
        entry.Picture.CaptureTime = frame.CaptureTime;
        entry.FrameId = frame.FrameId;
        entry.Type = frame.Type;
        entry.SizeBytes = frame.Payload.Length;
        entry.Ready = ready;
        TimeSpan due = _lastDue is null ? ready : playout.PresentAt(frame.CaptureTime, ready);
        entry.Due = due < _lastDue ? _lastDue.Value : due;
        _lastDue = entry.Due;
        _waiting++;
        if (_waiting > MostWaiting)
        {
            ShowOldest(ready);
        }
    }

    /// <summary>Shows what is due.</summary>
    public void Present(TimeSpan now)
    {
        int due = 0;
        while (due < _waiting && Place(due).Due <= now)
        {
            due++;
        }

        for (; due > 1; due--)
        {
            watch?.Dropped(FrameDrop.LateForShow, Place(0).FrameId, now);
            RemoveOldest();
            _droppedLate.Add();
        }

        if (due == 1)
        {
            ShowOldest(now);
        }
    }

    private Entry Place(int index) => _ring[(_head + index) % _ring.Length] ??= new Entry();

    private void ShowOldest(TimeSpan now)
    {
        Entry entry = Place(0);
        TimeSpan latency = now - entry.Picture.CaptureTime;
        Latency.Add(latency);
        lock (_guard)
        {
            _freezes.Shown(now);
        }

        _shown.Add();
        watch?.Shown(entry.FrameId, entry.Ready, now);
        sink.Present(entry.Picture, new PresentedFrame(entry.FrameId, entry.Type, now, latency, entry.SizeBytes));
        RemoveOldest();
    }

    private void RemoveOldest()
    {
        _head = (_head + 1) % _ring.Length;
        _waiting--;
    }

    /// <summary>A decoded picture and what must be known to show it; reused.</summary>
    private sealed class Entry
    {
        public VideoFrame Picture { get; } = new();

        public ushort FrameId { get; set; }

        public FrameType Type { get; set; }

        public int SizeBytes { get; set; }

        public TimeSpan Ready { get; set; }

        public TimeSpan Due { get; set; }
    }
}
