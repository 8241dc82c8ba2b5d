using MlvcRtc.Call.Sending;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>A rate controller for the test codec, whose sizes are known beforehand: an even share per frame, less a tenth of the debt that key frames left.</summary>
public sealed class TestBudget(TimeSpan frameInterval, int width, int height, double areaScale = 1) : IFrameBudget
{
    private const int BestQp = 18, WorstQp = 48;  // the useful range of EncodeRequest.Qp

    private double _debtBytes;

    public double TargetKbps { get; set; } = 300;

    private double ShareBytes => TargetKbps * frameInterval.TotalMilliseconds / 8;

    public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now)
    {
        double bytes = Math.Max(ShareBytes / 4, ShareBytes - (_debtBytes / 10));
        int qp = (int)Math.Ceiling(6 * Math.Log2(TestEncoder.FrameBytes(0, width, height, areaScale) / bytes));
        return new EncodeRequest(Math.Clamp(qp, BestQp, WorstQp), choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);
    }

    public void Commit(EncodedFrame coded)
    {
        ArgumentNullException.ThrowIfNull(coded);
        _debtBytes = Math.Max(0, _debtBytes + coded.Payload.Length - ShareBytes);
    }
}
