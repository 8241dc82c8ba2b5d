namespace MlvcRtc.Codec.References;

/// <summary>Which frames are kept, and when a chain is renewed: the long-term half of the GOP rules, as functions of the state.</summary>
internal static class LtrMarking
{
    /// <summary>
    /// Internal mode: true when this frame must be predicted from a root. That is when the branch is old enough, or when its own root is
    /// gone (dropped by a hint, or newer than <paramref name="bound"/>), except before the first renewal.
    /// </summary>
    /// <param name="state">After the frame before.</param>
    /// <param name="slots">The slots that this frame may still use.</param>
    /// <param name="options">The pattern.</param>
    /// <param name="bound">Newest frame number that the receiver is known to hold; long.MaxValue = all.</param>
    /// <param name="isBaseLayer">The layer this frame would have without recovery.</param>
    public static bool RenewalIsDue(in GopState state, in LtrSlots slots, in GopOptions options, long bound, bool isBaseLayer)
    {
        long period = options.RenewalDepth;
        if (period == 0)
        {
            return false;
        }

        bool rootHeld = state.Root >= 0 && state.Root <= bound && slots.Holds(state.Root);
        return rootHeld ? isBaseLayer && state.Depth >= period : state.Branch > 0;
    }

    /// <summary>Internal mode: keeps the newest base frame if it is its turn.</summary>
    /// <returns>The slot, or -1.</returns>
    public static int MarkByPeriod(ref GopState state, in GopOptions options, bool recovers, bool renews, bool isBaseLayer)
    {
        if (options.LtrPeriod == 0 || !isBaseLayer)
        {
            return -1;
        }

        if (recovers && renews)
        {
            state.Branch++;
            (state.Root, state.Depth, state.SinceMark) = (-1, 0, 0);
        }

        bool root = options.RenewalDepth > 0 && state.Root < 0 && state.FrameNumber >= options.LtrStart;
        int slot = -1;
        if (root || recovers || state.FrameNumber == 0 || state.SinceMark >= options.LtrPeriod)
        {
            slot = state.Slots.Acquire();
            state.Slots.Mark(slot, state.NewestBase with { IsRoot = root });
            state.Root = root ? state.FrameNumber : state.Root;
            state.SinceMark = 0;
        }

        state.Depth++;
        state.SinceMark++;
        return slot;
    }

    /// <summary>External mode: keeps the newest base frame if that was asked for; an IDR always goes to slot 0. Frames of layer 1 leave the request waiting.</summary>
    /// <returns>The slot, or -1.</returns>
    public static int MarkByRequest(ref GopState state, int? requested, bool intra, bool isBaseLayer)
    {
        int slot = requested ?? state.PendingMark;
        if (intra)
        {
            slot = state.Slots.Count > 0 ? 0 : -1;
        }
        else if (!isBaseLayer)
        {
            state.PendingMark = slot;
            return -1;
        }

        state.PendingMark = -1;
        if (slot >= 0)
        {
            state.Slots.Mark(slot, state.NewestBase);
        }

        return slot;
    }
}
