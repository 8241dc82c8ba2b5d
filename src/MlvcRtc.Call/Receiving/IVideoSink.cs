using MlvcRtc.Media;

namespace MlvcRtc.Call.Receiving;

/// <summary>What is known of a picture when it is shown.</summary>
/// <param name="FrameId">FRAME_ID of the stream.</param>
/// <param name="PresentedAt">On the receiver's clock.</param>
/// <param name="Latency">Capture to presentation; meaningful only when both ends share a clock.</param>
/// <param name="SizeBytes">The access unit.</param>
public readonly record struct PresentedFrame(ushort FrameId, FrameType Type, TimeSpan PresentedAt, TimeSpan Latency, int SizeBytes);

/// <summary>Step 10: where decoded pictures go.</summary>
public interface IVideoSink
{
    /// <summary>
    /// Called on the present thread, in decode order. The picture is valid during the call; its CaptureTime is the sender's
    /// RTP time. Must be quick: the next picture waits for it. Later frames may have been decoded already.
    /// </summary>
    void Present(VideoFrame picture, in PresentedFrame info);
}
