using MlvcRtc.Call.Statistics;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Media;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Step 10: decoded pictures wait for their time and are shown in decode order, so that a picture older than one already shown never is. Of several that
/// are due together only the newest is shown; the first of a call is shown at once. Decoding goes straight into the buffers kept here; allocates nothing once they exist. Time comes
/// in. One thread decodes, another one shows, or one does both; the figures may be read from any.
/// </summary>
/// <param name="watch">Sees what is shown and what is not; null = nobody does.</param>
public sealed class PresentStage(IVideoSink sink, SharedPlayoutClock playout, ReceiveWatch? watch = null)
{
    /// <summary>Pictures that wait at most: 200 ms at 100 frames/s, and some to spare. When one more comes the oldest is shown before its time.</summary>
    public const int MostWaiting = 24;

    private readonly Entry[] _ring = new Entry[MostWaiting + 2];  // oldest at _head; behind the waiting ones the picture being decoded, before them the one being shown
    private readonly FreezeDetector _freezes = new();
    private readonly Lock _guard = new();
    private readonly Lock _showing = new();  // held while the sink has a picture; taken before _guard
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
    public VideoFrame Next => NextPlace.Picture;

    /// <summary>When <see cref="Present"/> has something to show; null = nothing waits.</summary>
    public TimeSpan? NextPresentation
    {
        get
        {
            lock (_guard)
            {
                return _waiting > 0 ? Place(0).Due : null;
            }
        }
    }

    private Entry NextPlace
    {
        get
        {
            lock (_guard)
            {
                return Place(_waiting);
            }
        }
    }

    /// <summary><see cref="Next"/> holds the picture of this frame.</summary>
    public void Add(EncodedFrame frame, TimeSpan ready)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Entry entry = NextPlace;
        entry.Picture.CaptureTime = frame.CaptureTime;
        entry.FrameId = frame.FrameId;
        entry.Type = frame.Type;
        entry.SizeBytes = frame.Payload.Length;
        entry.Ready = ready;
        TimeSpan due = _lastDue is null ? ready : playout.PresentAt(frame.CaptureTime, ready);
        entry.Due = due < _lastDue ? _lastDue.Value : due;
        _lastDue = entry.Due;
        bool tooMany;
        lock (_guard)
        {
            _waiting++;
            tooMany = _waiting > MostWaiting;
        }

        if (tooMany)
        {
            ShowOldest(ready);
        }
    }

    /// <summary>Shows what is due.</summary>
    public void Present(TimeSpan now)
    {
        lock (_showing)
        {
            if (TakeDue(now) is { } newest)
            {
                Show(newest, now);
            }
        }
    }

    /// <summary>The newest that is due, those before it dropped; null = none is.</summary>
    private Entry? TakeDue(TimeSpan now)
    {
        lock (_guard)
        {
            Entry? newest = null;
            while (_waiting > 0 && Place(0).Due <= now)
            {
                if (newest is not null)
                {
                    watch?.Dropped(FrameDrop.LateForShow, newest.FrameId, now);
                    _droppedLate.Add();
                }

                newest = TakeOldest();
            }

            return newest;
        }
    }

    private void ShowOldest(TimeSpan now)
    {
        lock (_showing)
        {
            Entry? oldest;
            lock (_guard)
            {
                oldest = _waiting > MostWaiting ? TakeOldest() : null;  // unless one was shown meanwhile
            }

            if (oldest is not null)
            {
                Show(oldest, now);
            }
        }
    }

    /// <summary>The entry stays as it is until another one is taken.</summary>
    private Entry TakeOldest()
    {
        Entry oldest = Place(0);
        _head = (_head + 1) % _ring.Length;
        _waiting--;
        return oldest;
    }

    private Entry Place(int index) => _ring[(_head + index) % _ring.Length] ??= new Entry();

    private void Show(Entry entry, TimeSpan now)
    {
        TimeSpan latency = now - entry.Picture.CaptureTime;
        Latency.Add(latency);
        lock (_guard)
        {
            _freezes.Shown(now);
        }

        _shown.Add();
        watch?.Shown(entry.FrameId, entry.Ready, now);
        sink.Present(entry.Picture, new PresentedFrame(entry.FrameId, entry.Type, now, latency, entry.SizeBytes));
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
