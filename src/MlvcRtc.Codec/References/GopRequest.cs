namespace MlvcRtc.Codec.References;

/// <summary>What the caller wants of the next frame. The default value asks for an ordinary one.</summary>
/// <param name="KeyFrame">Start anew from the all-zero state.</param>
/// <param name="RecoverFromSlot">Predict from this slot, which the caller knows the receiver holds. An empty slot is ignored.</param>
/// <param name="MarkSlot">External mode: keep this frame, or the next one of the base layer, in this slot. The last call wins. Ignored in Internal mode.</param>
/// <param name="Discardable">Put this frame into the second temporal layer, whatever the pattern says. Ignored where the frame becomes an IDR or a recovery.</param>
public readonly record struct GopRequest(bool KeyFrame = false, int? RecoverFromSlot = null, int? MarkSlot = null, bool Discardable = false);

/// <summary>Whether a request could be decided. Append-only.</summary>
public enum GopStatus
{
    Ok = 0,

    /// <summary>RecoverFromSlot or MarkSlot names no slot of this stream. Nothing was decided.</summary>
    SlotOutOfRange = 1,
}
