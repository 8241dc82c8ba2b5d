using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Payload;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.App.Calls;

/// <summary>
/// Plugs the codec's rate controller into the call, where the two meet for the first time. A frame of acknowledged-reference mode is an ordinary one, which should fit
/// one packet: that mode means a lossy link.
/// </summary>
internal sealed class CodecFrameBudget(RateController controller) : IFrameBudget
{
    private const int OnePacketBits = 8 * (PayloadFormat.MaxPayloadBytes - PayloadDescriptor.BaseBytes);

    public double TargetKbps
    {
        get => controller.TargetKbps;
        set
        {
            if (value != controller.TargetKbps)
            {
                controller.SetTarget(value);
            }
        }
    }

    public void Reshape(in VideoShape shape, TimeSpan frameInterval)
    {
        controller.SetFrameRate(1 / frameInterval.TotalSeconds);
        controller.SetPixelsPerFrame(shape.Samples);
    }

    public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now)
    {
        controller.PreferredMostBits = choice.IsRoutine ? OnePacketBits : null;
        RateDecision decision = controller.Plan(choice.IsRoutine ? FrameType.Inter : choice.Type, now);
        return decision.Skip ? null : new EncodeRequest(decision.Qp, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot, MostBits: decision.MostBits);
    }

    public void Commit(EncodedFrame coded) => controller.Commit(coded.Payload.Length * 8, coded.Qp);
}
