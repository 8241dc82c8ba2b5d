using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.App.Demo;

/// <summary>Plugs the codec's rate controller into the call, where the two meet for the first time.</summary>
internal sealed class CodecFrameBudget(RateController controller) : IFrameBudget
{
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
        RateDecision decision = controller.Plan(choice.IsRoutine ? FrameType.Inter : choice.Type, now);
        return decision.Skip ? null : new EncodeRequest(decision.Qp, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);
    }

    public void Commit(EncodedFrame coded) => controller.Commit(coded.Payload.Length * 8);
}
