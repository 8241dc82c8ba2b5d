using MlvcRtc.Call.Sending;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Media;

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

    public EncodeRequest? Plan(FrameType wanted, TimeSpan now)
    {
        RateDecision decision = controller.Plan(wanted, now);
        return decision.Skip ? null : new EncodeRequest(decision.Qp, KeyFrame: wanted == FrameType.Intra);
    }

    public void Commit(EncodedFrame coded) => controller.Commit(coded.Payload.Length * 8);
}
