using MlvcRtc.Call.Adaptation;

namespace MlvcRtc.UnitTests.Call.Adaptation;

/// <summary>
/// From bitrate to picture, for 640x360 at 30 frames/s. At 0.02 bits per pixel the steps need at least 138 kbit/s (whole), 69 (half the rate), 31 (426x240) and
/// 17 (320x180); to come back, 1.4 times that: 194, 97 and 43.
/// </summary>
public sealed class VideoShaperTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1 / 30.0);

    private readonly VideoShaper _shaper = new(new AdaptationOptions(), Interval);
    private readonly List<VideoShape> _shapes = [];
    private TimeSpan _now;

    [Theory]
    [InlineData(1000, 640, 360, false)]
    [InlineData(139, 640, 360, false)]
    [InlineData(137, 640, 360, true)]
    [InlineData(70, 640, 360, true)]
    [InlineData(68, 426, 240, true)]
    [InlineData(31, 426, 240, true)]
    [InlineData(30, 320, 180, true)]
    [InlineData(1, 320, 180, true)]
    public void A_call_begins_with_the_picture_that_its_rate_can_carry(double kbps, int width, int height, bool halfRate)
    {
        VideoShape shape = _shaper.Shape(new ShapeInputs(kbps), 640, 360, TimeSpan.Zero);
        Assert.Equal(new VideoShape(width, height, halfRate, kbps), shape);
    }

    [Fact]
    public void When_the_rate_falls_to_60_kbit_the_frame_rate_is_halved_first_and_then_the_picture_made_smaller()
    {
        Run(5, 300);
        Assert.Equal((640, 360, false), Last);
        Run(0.4, 60);
        Assert.Equal((640, 360, false), Last);
        Run(0.2, 60);
        Assert.Equal((640, 360, true), Last);
        Run(0.3, 60);
        Assert.Equal((640, 360, true), Last);
        Run(0.3, 60);
        Assert.Equal((426, 240, true), Last);
        Run(60, 60);
        Assert.Equal((426, 240, true), Last);
    }

    [Fact]
    public void When_the_rate_comes_back_the_picture_grows_after_10_seconds_and_the_frame_rate_doubles_3_seconds_later()
    {
        Run(1, 60);
        Assert.Equal((426, 240, true), Last);
        Run(9.9, 300);
        Assert.Equal((426, 240, true), Last);
        Run(0.2, 300);
        Assert.Equal((640, 360, true), Last);
        Run(2.8, 300);
        Assert.Equal((640, 360, true), Last);
        Run(0.3, 300);
        Assert.Equal((640, 360, false), Last);
    }

    [Fact]
    public void A_short_dip_changes_nothing()
    {
        Run(5, 300);
        for (int i = 0; i < 20; i++)
        {
            Run(0.4, 40);
            Run(0.2, 300);
        }

        Assert.Equal(0, Changes);
    }

    [Theory]
    [InlineData(138)]
    [InlineData(69)]
    [InlineData(160)]
    [InlineData(90)]
    [InlineData(40)]
    public void An_estimate_that_swings_by_15_percent_around_any_bound_changes_the_picture_at_most_twice(double kbps)
    {
        Run(5, kbps);
        Random random = new(1);
        for (int i = 0; i < 1200; i++)
        {
            Run(0.1, kbps * (0.85 + (0.3 * random.NextDouble())));
        }

        Assert.InRange(Changes, 0, 2);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(20)]
    [InlineData(45)]
    public void However_the_estimate_jumps_there_are_few_new_sizes_in_ten_minutes(double periodSeconds)
    {
        for (double second = 0; second < 600; second += 2 * periodSeconds)
        {
            Run(periodSeconds, 1000);
            Run(periodSeconds, 20);
        }

        // Ups and downs in turns; after a few in vain the picture grows once a minute.
        Assert.InRange(SizeChanges, 0, 26);
    }

    [Fact]
    public void A_hundredth_of_the_rate_is_answered_within_a_second_and_in_one_step()
    {
        Run(5, 2000);
        Run(1.1, 20);
        Assert.Equal((320, 180, true), Last);
        Assert.Equal(1, SizeChanges);
    }

    [Fact]
    public void What_is_sent_again_is_not_there_for_pictures()
    {
        VideoShape shape = _shaper.Shape(new ShapeInputs(200, RetransmittedShare: 0.5), 640, 360, TimeSpan.Zero);
        Assert.Equal(new VideoShape(640, 360, HalfRate: true, 100), shape);
        Assert.Equal(6667, shape.BitsPerFrame(Interval), 0);  // 100,000 bit / 15
    }

    [Fact]
    public void A_slow_machine_gets_a_cheaper_picture_however_fast_the_network()
    {
        // 640x360 at 30 frames/s are 6.9 million samples a second, at 15 3.5, 426x240 1.5.
        Run(5, 2000, samplesPerSecond: 20e6);
        Assert.Equal((640, 360, false), Last);
        Run(1.1, 2000, samplesPerSecond: 5e6);
        Assert.Equal((640, 360, true), Last);
        Run(1.1, 2000, samplesPerSecond: 2e6);
        Assert.Equal((426, 240, true), Last);
        Run(60, 2000, samplesPerSecond: 4e6);  // 3.5 is above 80 % of 4
        Assert.Equal((426, 240, true), Last);
        Run(10.2, 2000, samplesPerSecond: 4.5e6);
        Assert.Equal((640, 360, true), Last);
        Run(1.2, 30, samplesPerSecond: 20e6);  // and a slow network on a fast machine
        Assert.Equal((320, 180, true), Last);
    }

    [Fact]
    public void A_camera_that_is_turned_starts_anew()
    {
        Run(5, 300);
        Assert.Equal(new VideoShape(360, 640, HalfRate: false, 300), _shaper.Shape(new ShapeInputs(300), 360, 640, _now));
    }

    private (int Width, int Height, bool HalfRate) Last => (_shapes[^1].Width, _shapes[^1].Height, _shapes[^1].HalfRate);

    private int Changes => _shapes.Zip(_shapes.Skip(1)).Count(pair => pair.First with { Kbps = 0 } != pair.Second with { Kbps = 0 });

    private int SizeChanges => _shapes.Zip(_shapes.Skip(1)).Count(pair => pair.First.Width != pair.Second.Width);

    private void Run(double seconds, double kbps, double? samplesPerSecond = null)
    {
        for (TimeSpan end = _now + TimeSpan.FromSeconds(seconds); _now < end; _now += Interval)
        {
            _shapes.Add(_shaper.Shape(new ShapeInputs(kbps, SamplesPerSecond: samplesPerSecond), 640, 360, _now));
        }
    }
}
