using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Call;

/// <summary>What the viewer sees of a frame whose packets say other things than its bytes.</summary>
public sealed class ForgedDescriptorTests
{
    private const int Forged = 60;

    [Fact]
    public void A_frame_with_a_forged_mark_is_corrupt_and_not_shown_and_a_recovery_frame_ends_the_break()
    {
        TestCall call = new TestCall { Encoder = new ForgingEncoder() }.RunUntil(5);

        Assert.Equal((1L, DecodeStatus.Corrupt), (call.Call.Received.FramesFailed, call.Call.Received.LastFailure));
        Assert.DoesNotContain(Forged, call.Viewer.ShownIds);
        Assert.True(call.Viewer.LongestGap < TimeSpan.FromMilliseconds(250), $"{call.Viewer.LongestGap}");  // round trip, two frame intervals, coding
        Assert.True(call.Viewer.ShownIds.Last() > 140);
        Assert.Equal(1, call.Call.Sending.KeyFrames);
    }

    /// <summary>The packets of one frame claim a mark that its bytes do not have.</summary>
    private sealed class ForgingEncoder : IVideoEncoder
    {
        private readonly TestEncoder _real = new();

        public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
        {
            EncodeStatus status = _real.Encode(picture, request, coded);
            coded.LtrSlot = coded.FrameId == Forged ? ((coded.LtrSlot ?? 0) + 1) % 8 : coded.LtrSlot;
            return status;
        }

        public void Dispose() => _real.Dispose();
    }
}
