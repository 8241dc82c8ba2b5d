using MlvcRtc.Call.Sending;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Call.Sending;

public sealed class KeyFrameGateTests
{
    private readonly KeyFrameGate _gate = new(KeyFrameGate.DefaultMinInterval);

    [Fact]
    public void A_stream_begins_with_a_key_frame_and_goes_on_without()
    {
        Assert.Equal(FrameType.Intra, _gate.Wanted);
        _gate.KeyFrameMade(TimeSpan.Zero);
        Assert.Equal(FrameType.Inter, _gate.Wanted);
    }

    [Theory]
    [InlineData(299, false)]
    [InlineData(300, true)]
    public void A_request_counts_again_300_ms_after_a_key_frame(int afterMs, bool counts)
    {
        _gate.KeyFrameMade(TimeSpan.Zero);
        Assert.Equal(counts, _gate.Request(TimeSpan.FromMilliseconds(afterMs)));
        Assert.Equal(counts ? FrameType.Intra : FrameType.Inter, _gate.Wanted);
    }

    [Fact]
    public void A_wanted_key_frame_that_was_skipped_stays_wanted()
    {
        _gate.KeyFrameMade(TimeSpan.Zero);
        _gate.Request(TimeSpan.FromSeconds(1));
        Assert.Equal(FrameType.Intra, _gate.Wanted);
        Assert.Equal(FrameType.Intra, _gate.Wanted);
    }

    [Fact]
    public void A_frame_that_could_not_be_sent_forces_a_key_frame_at_once()
    {
        _gate.KeyFrameMade(TimeSpan.Zero);
        _gate.Force();
        Assert.Equal(FrameType.Intra, _gate.Wanted);
    }
}
