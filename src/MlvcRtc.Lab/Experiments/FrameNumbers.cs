using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;

namespace MlvcRtc.Lab.Experiments;

/// <summary>Unwraps frame ids and remembers which source picture each coded frame shows.</summary>
internal sealed class FrameNumbers(TimeSpan frameInterval)
{
    private readonly SequenceUnwrapper _unwrapper = new();
    private readonly Dictionary<long, int> _pictures = [];

    public long Unwrap(ushort frameId) => _unwrapper.Unwrap(frameId);

    public void Encoded(EncodedFrame frame) =>
        _pictures[_unwrapper.Unwrap(frame.FrameId)] = (int)Math.Round(frame.CaptureTime / frameInterval);

    /// <summary>The source picture of a coded frame.</summary>
    public int PictureOf(long frameNumber) => _pictures[frameNumber];
}
