using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Recovery;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>A rate controller for the test codec, whose sizes are known beforehand: an even share per frame, less a tenth of the debt that key frames left, or more where
/// whole steps of QP left something over.</summary>
public sealed class TestBudget(TimeSpan frameInterval, int width, int height, double areaScale = 1) : IFrameBudget
{
    private const int BestQp = 18, WorstQp = 48;  // the useful range of EncodeRequest.Qp

    /// <summary>Unspent bytes that are kept at most, in shares.</summary>
    private const double MostSaved = 2;

    private TimeSpan _frameInterval = frameInterval;
    private int _width = width;
    private int _height = height;
    private double _debtBytes;

    public double TargetKbps { get; set; } = 300;

    private double ShareBytes => TargetKbps * _frameInterval.TotalMilliseconds / 8;

    public void Reshape(in VideoShape shape, TimeSpan frameInterval) =>
        (_width, _height, _frameInterval) = (shape.Width, shape.Height, frameInterval);

    public EncodeRequest? Plan(in ReferenceChoice choice, TimeSpan now)
    {
        double bytes = Math.Max(ShareBytes / 4, ShareBytes - (_debtBytes / 10));
        int qp = (int)Math.Ceiling(6 * Math.Log2(TestEncoder.FrameBytes(0, _width, _height, areaScale) / bytes));
        return new EncodeRequest(Math.Clamp(qp, BestQp, WorstQp), choice.Type == FrameType.Intra, choice.FromSlot, choice.MarkSlot);
    }

    public void Commit(EncodedFrame coded)
    {
        ArgumentNullException.ThrowIfNull(coded);
        _debtBytes = Math.Max(-MostSaved * ShareBytes, _debtBytes + coded.Payload.Length - ShareBytes);
    }
}
