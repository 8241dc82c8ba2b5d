using MlvcRtc.Media;

namespace MlvcRtc.Rtp.Reassembly;

/// <summary>
/// Which frames a decoder holds as references, by the decoder's own rule as far as the descriptors show it: the newest frame of each temporal layer and the
/// newest frame marked into each slot. An INTRA frame empties all. Frame numbers are unwrapped, and come in growing order; what lies 2^15 frames or more
/// back, or after a frame that was decoded, is held no longer (its index could not be told from a frame to come). What the descriptors do not show is a mark
/// on a frame that never arrived: the decoder drops that slot's old content with the next frame it decodes, but a sender that made the mark
/// does not refer to that content either.
/// </summary>
public sealed class ReferenceTracker
{
    private const int Slots = 8;         // SLOT u(3)
    private const int Layers = 4;        // TID u(2)
    private const long StaleAge = 1 << 15;

    private readonly long[] _newestOfLayer = new long[Layers];
    private readonly long[] _slots = new long[Slots];

    public ReferenceTracker() => Clear();

    /// <summary>The newest frame that is kept in a slot; null = none is.</summary>
    public long? NewestKept => _slots.Max() is >= 0 and long newest ? newest : null;

    public void Clear()
    {
        Array.Fill(_newestOfLayer, -1);
        Array.Fill(_slots, -1);
    }

    /// <summary>Records that this frame is held.</summary>
    /// <param name="ltrSlot">The slot that it is marked into, in place of what was there.</param>
    public void Add(long frameNumber, FrameType type, int temporalId, int? ltrSlot)
    {
        if (type == FrameType.Intra)
        {
            Clear();
        }

        DropStale(_newestOfLayer, frameNumber);
        DropStale(_slots, frameNumber);
        _newestOfLayer[temporalId & (Layers - 1)] = frameNumber;
        if (ltrSlot is { } slot)
        {
            _slots[slot & (Slots - 1)] = frameNumber;
        }
    }

    /// <summary>A frame that is lost was marked into this slot: what was there goes.</summary>
    public void Overwrite(int slot) => _slots[slot & (Slots - 1)] = -1;

    /// <summary>The decoder says that it does not hold this frame.</summary>
    public void Remove(long frameNumber)
    {
        Replace(_newestOfLayer, frameNumber);
        Replace(_slots, frameNumber);
    }

    /// <summary>True when a frame of this type that refers to <paramref name="referenceNumber"/> can be decoded.</summary>
    public bool CanDecode(FrameType type, long referenceNumber) => type switch
    {
        FrameType.Intra => true,
        FrameType.Recovery => Array.IndexOf(_slots, referenceNumber) >= 0,
        _ => Array.IndexOf(_newestOfLayer, referenceNumber) >= 0 || Array.IndexOf(_slots, referenceNumber) >= 0,
    };

    private static void Replace(long[] held, long frameNumber)
    {
        for (int i = 0; i < held.Length; i++)
        {
            held[i] = held[i] == frameNumber ? -1 : held[i];
        }
    }

    private static void DropStale(long[] held, long frameNumber)
    {
        for (int i = 0; i < held.Length; i++)
        {
            held[i] = held[i] > frameNumber || frameNumber - held[i] >= StaleAge ? -1 : held[i];
        }
    }
}
