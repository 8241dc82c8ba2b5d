using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Sending;
using MlvcRtc.Lab.TestCodec;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Call.Sending;

/// <summary>Which captured pictures are coded, and how. 640x360 at 30 frames/s.</summary>
public sealed class ShapeStageTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1 / 30.0);

    private readonly TargetRate _rate = new(300);
    private readonly VideoFrame _picture = new(640, 360);
    private TimeSpan _now;

    [Fact]
    public void At_full_rate_every_second_frame_is_discardable()
    {
        ShapeStage stage = Stage();
        Assert.Equal("BDBDBDBD", Play(stage, 8, TimeSpan.Zero));
    }

    [Fact]
    public void When_the_queue_needs_more_than_half_a_frame_interval_only_discardable_pictures_are_skipped()
    {
        ShapeStage stage = Stage();
        Assert.Equal("B-B-B-B-", Play(stage, 8, 0.6 * Interval));
        Assert.Equal("----", Play(stage, 4, 1.1 * Interval));
        Assert.Equal("BDBD", Play(stage, 4, 0.4 * Interval));
    }

    [Fact]
    public void At_half_the_rate_a_whole_interval_of_two_pictures_may_wait_in_the_queue()
    {
        _rate.Kbps = 100;
        ShapeStage stage = Stage();
        Assert.Equal("B.B.B.B.", Play(stage, 8, 1.9 * Interval));
        Assert.Equal("--", Play(stage, 2, 2.1 * Interval));
        Assert.Equal(2 * Interval, stage.FrameInterval);
    }

    [Fact]
    public void Without_adaptation_no_frame_is_discardable_and_none_is_left_out()
    {
        _rate.Kbps = 10;
        ShapeStage stage = new(null, new TestBudget(Interval, 640, 360), _rate, Interval);
        Assert.Equal("BBBB", Play(stage, 4, 0.9 * Interval));
        Assert.Same(_picture, stage.Scaled(_picture));
    }

    [Fact]
    public void A_new_size_is_a_key_frame_until_one_is_coded_and_pictures_are_scaled_to_it()
    {
        ShapeStage stage = Stage();
        Play(stage, 4, TimeSpan.Zero);
        Assert.False(stage.NeedsKeyFrame);
        _rate.Kbps = 60;
        Play(stage, 40, 3 * Interval);  // nothing is coded meanwhile
        Assert.True(stage.NeedsKeyFrame);
        VideoFrame scaled = stage.Scaled(_picture);
        Assert.Equal((426, 240), (scaled.Width, scaled.Height));
        Play(stage, 1, TimeSpan.Zero);
        Assert.False(stage.NeedsKeyFrame);
    }

    private ShapeStage Stage() => new(new AdaptationOptions(), new TestBudget(Interval, 640, 360), _rate, Interval);

    /// <summary>B base layer, D discardable, - skipped for the queue, . left out.</summary>
    private string Play(ShapeStage stage, int pictures, TimeSpan queue) =>
        string.Concat(Enumerable.Range(0, pictures).Select(_ => PlayOne(stage, queue)));

    private char PlayOne(ShapeStage stage, TimeSpan queue)
    {
        _now += Interval;
        EncodeOutcome outcome = stage.Decide(_picture, resentShare: 0, queue, _now);
        if (outcome != EncodeOutcome.Coded)
        {
            return outcome == EncodeOutcome.LeftOut ? '.' : '-';
        }

        bool discardable = stage.MayBeDiscardable;
        stage.Coded(discardable);
        return discardable ? 'D' : 'B';
    }
}
