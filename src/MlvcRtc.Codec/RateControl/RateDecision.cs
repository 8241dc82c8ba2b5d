namespace MlvcRtc.Codec.RateControl;

/// <summary>What to do with one frame.</summary>
/// <param name="Skip">Do not encode it; nothing else applies, and the frame number does not advance.</param>
/// <param name="Qp">QP to encode with, 0 (best) .. 51.</param>
/// <param name="QIndex">The quality index that <paramref name="Qp"/> maps to.</param>
/// <param name="AllocationBits">Bits set aside for it.</param>
/// <param name="MostBits">Should the access unit take more, the frame is to be coded again; null = however large it is.</param>
public readonly record struct RateDecision(bool Skip, int Qp, int QIndex, int AllocationBits, int? MostBits = null)
{
    /// <summary>The frame is left out.</summary>
    public static RateDecision Skipped { get; } = new(true, 0, 0, 0);
}
