using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.Codec.References;

/// <summary>A frame whose state is held.</summary>
/// <param name="FrameIndex">As in its header.</param>
/// <param name="TemporalId">As in its header.</param>
public readonly record struct HeldFrame(int FrameIndex, int TemporalId);

/// <summary>
/// Which states encoder and decoder keep after a frame, the same rule on both sides: those in the frame's long-term reference table and the
/// newest frame of each temporal layer. An IDR drops all others. Indices are compared in the stream's own width, so that a frame 2^15 or more
/// back in a wrapping stream is dropped before its index can be mistaken for a new frame's.
/// </summary>
public static class ReferencePruning
{
    /// <summary>States that can be held after a frame: all slots, and the newest frame of each layer the syntax knows.</summary>
    public const int MaxHeldFrames = LtrTable.Capacity + SequenceParameterSet.MaxLayers;

    /// <summary>Which of the states held before a frame stay; the frame's own state always joins them.</summary>
    /// <param name="held">States held before the frame, 32 at most, each index once.</param>
    /// <param name="frame">The frame just coded or decoded.</param>
    /// <param name="indices">The stream's index width.</param>
    /// <returns>Bit i set = <paramref name="held"/>[i] stays.</returns>
    /// <exception cref="ArgumentException">More than 32 states.</exception>
    public static uint Keep(ReadOnlySpan<HeldFrame> held, in FrameHeader frame, FrameIndexSpace indices)
    {
        if (held.Length > 32)
        {
            throw new ArgumentException($"{held.Length} states are held; the rule never leaves more than {MaxHeldFrames}.", nameof(held));
        }

        uint keep = 0;
        for (int i = 0; i < held.Length && !frame.IsIdr; i++)
        {
            int index = held[i].FrameIndex;
            bool superseded = index == frame.FrameIndex || indices.IsStale(frame.FrameIndex, index);
            if (!superseded && (frame.LtrTable.Contains(index) || IsNewestOfLayer(held, i, frame, indices)))
            {
                keep |= 1u << i;
            }
        }

        return keep;
    }

    private static bool IsNewestOfLayer(ReadOnlySpan<HeldFrame> held, int candidate, in FrameHeader frame, FrameIndexSpace indices)
    {
        int layer = held[candidate].TemporalId;
        bool newest = layer != frame.TemporalId;
        int age = indices.Age(frame.FrameIndex, held[candidate].FrameIndex);
        foreach (HeldFrame other in held)
        {
            newest &= other.TemporalId != layer || indices.Age(frame.FrameIndex, other.FrameIndex) >= age;
        }

        return newest;
    }
}
