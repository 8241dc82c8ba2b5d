using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Experiments;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.Experiments;

/// <summary>Pictures of one grey each, 100 ms apart, due 200 ms after capture; quality is 100 less the difference in grey.</summary>
public sealed class ScreenTests
{
    private readonly FrameNumbers _numbers = new(TimeSpan.FromMilliseconds(100));
    private readonly Screen _screen;

    public ScreenTests() => _screen = new((one, other) => 100 - Math.Abs(one.Y[0] - other.Y[0]), new FrameRate(10, 1), TimeSpan.FromMilliseconds(200), _numbers);

    [Fact]
    public void Before_the_first_picture_the_screen_is_grey_128()
    {
        _screen.Evaluate(0, Picture(120));
        Assert.Equal([92.0], _screen.Psnr);
    }

    [Fact]
    public void A_picture_that_came_early_is_held_until_it_is_due()
    {
        Decode(0, 50);
        Decode(1, 60);  // well before its time of 300 ms
        _screen.Evaluate(0, Picture(0));
        _screen.Evaluate(1, Picture(1));
        Assert.Equal([100.0, 100.0], _screen.Psnr);
    }

    [Fact]
    public void A_late_picture_leaves_the_one_before_on_the_screen()
    {
        Decode(0, 150);
        _screen.Evaluate(0, Picture(0));
        _screen.Evaluate(1, Picture(1));  // picture 1 is not here yet
        Decode(1, 350);
        Decode(2, 390);
        _screen.Evaluate(2, Picture(2));
        _screen.Evaluate(3, Picture(3));
        Assert.Equal([100.0, 99.0, 100.0, 99.0], _screen.Psnr);
    }

    [Fact]
    public void A_standing_picture_becomes_a_freeze_by_webrtc_stats_and_a_freeze_at_the_end_counts()
    {
        for (int n = 0; n < 20; n++)
        {
            if (n is < 10 or 14)
            {
                Decode(n, (100 * n) + 150);
            }

            _screen.Evaluate(n, Picture(n));
        }

        _screen.Leave(TimeSpan.FromMilliseconds(2200));

        // Pictures 9 (due at 1100), 14 (1600) and the end (2200): 500 ms are more than 3 · 100; then 600 ms are more than 3 · the average of nine
        // intervals of 100 and one of 500, 140 ms.
        Assert.Equal([(1100.0, 500.0, 9), (1600.0, 600.0, 14)], _screen.Freezes.Select(f => (f.Begin.TotalMilliseconds, f.Duration.TotalMilliseconds, f.FromPicture)));
    }

    [Fact]
    public void A_picture_that_stands_from_the_first_on_is_a_freeze_too()
    {
        Decode(0, 150);
        for (int n = 0; n < 10; n++)
        {
            _screen.Evaluate(n, Picture(n));
        }

        _screen.Leave(TimeSpan.FromMilliseconds(1200));
        Assert.Equal([1000.0], _screen.Freezes.Select(freeze => freeze.Duration.TotalMilliseconds));  // shown at 200
    }

    [Fact]
    public void A_screen_that_never_shows_anything_is_frozen_from_the_first_due_picture_on()
    {
        _screen.Evaluate(0, Picture(0));
        _screen.Leave(TimeSpan.FromMilliseconds(1200));
        Assert.Equal([(200.0, 1000.0)], _screen.Freezes.Select(freeze => (freeze.Begin.TotalMilliseconds, freeze.Duration.TotalMilliseconds)));
    }

    private static VideoFrame Picture(int grey)
    {
        VideoFrame picture = new(2, 2);
        picture.Samples.Fill((byte)grey);
        return picture;
    }

    private void Decode(int n, double atMs)
    {
        _numbers.Encoded(new EncodedFrame { FrameId = (ushort)n, CaptureTime = TimeSpan.FromMilliseconds(100 * n) });
        _screen.Present(Picture(n), new PresentedFrame((ushort)n, FrameType.Inter, TimeSpan.FromMilliseconds(atMs), TimeSpan.Zero, 1));
    }
}
