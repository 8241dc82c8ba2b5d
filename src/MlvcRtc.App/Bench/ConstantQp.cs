using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.App.Bench;

/// <summary>Every frame at one QP, whatever it costs: what is measured is time.</summary>
internal sealed class ConstantQp(int qp) : IFrameBudget
{
    public double TargetKbps { get; set; }

    public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now) =>
        new EncodeRequest(qp, choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);

    public void Commit(EncodedFrame coded)
    {
    }
}
