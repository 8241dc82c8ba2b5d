using MlvcRtc.Media;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Which frames a receiver holds as references: the recent ones and those stored in long-term slots. Frame numbers are
/// unwrapped. An INTRA frame starts anew from the zero state, so it empties everything before it.
/// </summary>
public sealed class ReferenceTracker
{
    /// <summary>Short-term frames remembered: 640 ms at 100 frames/s, far beyond any prediction pattern (distance 2 at most).</summary>
    private const int Window = 64;

    private const int Slots = 8;  // SLOT u(3)

    private readonly long[] _recent = new long[Window];
    private readonly long[] _slots = new long[Slots];

    public ReferenceTracker() => Clear();

    public void Clear()
    {
        Array.Fill(_recent, -1);
        Array.Fill(_slots, -1);
    }

    /// <summary>Records that this frame is held.</summary>
    public void Add(long frameNumber, FrameType type, int? ltrSlot)
    {
        if (type == FrameType.Intra)
        {
            Clear();
        }

        _recent[frameNumber & (Window - 1)] = frameNumber;
        if (ltrSlot is { } slot)
        {
            _slots[slot & (Slots - 1)] = frameNumber;
        }
    }

    /// <summary>True when a frame of this type that refers to <paramref name="referenceNumber"/> can be decoded.</summary>
    public bool CanDecode(FrameType type, long referenceNumber) => type switch
    {
        FrameType.Intra => true,
        FrameType.Recovery => Array.IndexOf(_slots, referenceNumber) >= 0,
        _ => _recent[referenceNumber & (Window - 1)] == referenceNumber,
    };
}
