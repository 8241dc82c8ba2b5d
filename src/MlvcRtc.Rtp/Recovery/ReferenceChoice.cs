using MlvcRtc.Media;

namespace MlvcRtc.Rtp.Recovery;

/// <summary>What the next frame is predicted from, and whether it is kept. The default value is an ordinary frame.</summary>
/// <param name="Type">Intra; Inter, from the previous frame; Recovery, from <paramref name="FromSlot"/>.</param>
/// <param name="FromSlot">Long-term reference slot (0..7) that the receiver acknowledged; set exactly when the type is Recovery.</param>
/// <param name="MarkSlot">Both sides keep the state after this frame in this slot (0..7).</param>
/// <param name="IsRoutine">A Recovery frame that repairs nothing: in acknowledged-reference mode every frame is one, and has an ordinary frame's bits.</param>
/// <param name="IsDiscardable">Nothing will be predicted from it: the second temporal layer. Inter only, and never marked.</param>
public readonly record struct ReferenceChoice(FrameType Type, int? FromSlot = null, int? MarkSlot = null, bool IsRoutine = false, bool IsDiscardable = false)
{
    public static ReferenceChoice Ordinary { get; } = new(FrameType.Inter);

    public static ReferenceChoice KeyFrame { get; } = new(FrameType.Intra);
}
