using System.Runtime.InteropServices;

namespace MlvcRtc.Call.Tracing;

/// <summary>One thing that happened to one frame. Instants are those of <see cref="Media.MediaClock"/>.</summary>
/// <param name="Track">Number of the track.</param>
/// <param name="Frame">FRAME_ID; -1 = it never got one.</param>
/// <param name="Deadline">When it should have ended; <see cref="TimeSpan.MaxValue"/> = no matter when.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TraceRecord(int Track, TraceLane Lane, FrameDrop Drop, int Frame, TimeSpan Begin, TimeSpan End, TimeSpan Deadline)
{
    public bool Late => End > Deadline;
}

/// <summary>
/// What became of every frame and when, for <see cref="TraceFile"/>. Bounded: the newest records take the places of the oldest. Recording allocates nothing and takes no lock.
/// Without a trace the pipelines hold null and do nothing.
/// </summary>
public sealed class FrameTrace
{
    /// <summary>About nine records per frame: 5 minutes of 100 frames/s, 15 MB.</summary>
    public const int DefaultCapacity = 1 << 18;

    private readonly TraceRecord[] _records;
    private readonly List<string> _tracks = [];
    private long _next = -1;

    /// <param name="capacity">Records kept, ≥ 1.</param>
    public FrameTrace(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _records = new TraceRecord[capacity];
    }

    /// <summary>Records that newer ones replaced.</summary>
    public long Overwritten => Math.Max(Interlocked.Read(ref _next) + 1 - _records.Length, 0);

    internal IReadOnlyList<string> Tracks => _tracks;

    /// <summary>A group of lanes: one direction of a call. Before the call, not during it.</summary>
    /// <param name="name">For people.</param>
    public TraceTrack Track(string name)
    {
        _tracks.Add(name);
        return new TraceTrack(this, _tracks.Count - 1);
    }

    internal void Add(in TraceRecord record) => _records[Interlocked.Increment(ref _next) % _records.Length] = record;

    /// <summary>The records kept, by track, lane and end. Nobody may be recording.</summary>
    internal TraceRecord[] Sorted() =>
    [
        .. _records.Take((int)Math.Min(Interlocked.Read(ref _next) + 1, _records.Length))
            .OrderBy(record => record.Track).ThenBy(record => record.Lane).ThenBy(record => record.End).ThenBy(record => record.Begin),
    ];
}

/// <summary>One direction of a call in a <see cref="FrameTrace"/>. Safe for any threads.</summary>
public sealed class TraceTrack
{
    private readonly FrameTrace _trace;
    private readonly int _number;

    internal TraceTrack(FrameTrace trace, int number) => (_trace, _number) = (trace, number);

    /// <summary>A frame was worked on, or waited.</summary>
    /// <param name="frame">FRAME_ID.</param>
    /// <param name="deadline">When it should have ended; null = no matter when.</param>
    public void Span(TraceLane lane, ushort frame, TimeSpan begin, TimeSpan end, TimeSpan? deadline = null) =>
        _trace.Add(new TraceRecord(_number, lane, FrameDrop.None, frame, begin, end, deadline ?? TimeSpan.MaxValue));

    /// <summary>A picture or frame ended here.</summary>
    /// <param name="frame">FRAME_ID; null = it never got one.</param>
    public void Drop(TraceLane lane, FrameDrop reason, ushort? frame, TimeSpan at) =>
        _trace.Add(new TraceRecord(_number, lane, reason, frame ?? -1, at, at, TimeSpan.MaxValue));
}
