using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Playout;

namespace MlvcRtc.UnitTests.Rtp.Playout;

/// <summary>Lips and voice belong together: what would be ahead waits. The sender's wall clock is years off ours, and its reports on sound and pictures are of different instants.</summary>
public sealed class LipSyncTests
{
    private static readonly NtpClock Wall = new(DateTimeOffset.UnixEpoch, TimeSpan.Zero);

    private readonly LipSync _sync = new();
    private TimeSpan _now = Ms(5000);

    [Fact]
    public void Sound_that_would_come_before_its_picture_waits_for_it()
    {
        Run(picture: 140, sound: 60, seconds: 3);
        Assert.Equal(-80, _sync.Unheld!.Value.TotalMilliseconds, 3);
        Assert.InRange(_sync.SoundHold.TotalMilliseconds, 68, 80);
        Assert.Equal(TimeSpan.Zero, _sync.PictureHold);
    }

    [Fact]
    public void A_picture_that_would_come_before_its_sound_waits_until_nobody_notices()
    {
        Run(picture: 60, sound: 140, seconds: 3);
        Assert.Equal(80 - 31, _sync.PictureHold.TotalMilliseconds, 3);
        Assert.Equal(TimeSpan.Zero, _sync.SoundHold);
    }

    [Theory]
    [InlineData(71, 60)]
    [InlineData(60, 90)]
    public void What_nobody_notices_costs_no_delay(double picture, double sound)
    {
        Run(picture, sound, seconds: 10);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (_sync.PictureHold, _sync.SoundHold));
    }

    [Fact]
    public void A_hold_grows_by_100_ms_in_a_second_and_shrinks_by_10_for_sound_and_40_for_pictures()
    {
        Run(picture: 200, sound: 0, seconds: 1);
        Assert.InRange(_sync.SoundHold.TotalMilliseconds, 96, 100);
        Run(picture: 200, sound: 0, seconds: 2);
        double before = _sync.SoundHold.TotalMilliseconds;
        Run(picture: 50, sound: 50, seconds: 4);
        Assert.Equal(40, before - _sync.SoundHold.TotalMilliseconds, 1);
        Run(picture: 50, sound: 50, seconds: 30);
        Run(picture: 0, sound: 231, seconds: 3);
        Assert.Equal(200, _sync.PictureHold.TotalMilliseconds, 3);
        Run(picture: 50, sound: 50, seconds: 4);
        Assert.Equal(40, _sync.PictureHold.TotalMilliseconds, 1);
    }

    [Fact]
    public void When_the_other_one_falls_behind_no_hold_is_left_over()
    {
        Run(picture: 100, sound: 0, seconds: 3);
        Run(picture: 0, sound: 100, seconds: 30);
        Assert.Equal(TimeSpan.Zero, _sync.SoundHold);
        Assert.Equal(100 - 31, _sync.PictureHold.TotalMilliseconds, 3);
    }

    [Theory]
    [InlineData(0, 3_600_000)]
    [InlineData(3_600_000, 0)]
    [InlineData(0, -3_600_000)]
    public void Reports_that_make_no_sense_delay_nobody_for_more_than_200_ms(double picture, double sound)
    {
        Run(picture, sound, seconds: 60);
        Assert.InRange(_sync.PictureHold.TotalMilliseconds, 0, 200);
        Assert.InRange(_sync.SoundHold.TotalMilliseconds, 0, 200);
    }

    [Fact]
    public void The_wrap_of_the_wall_clock_in_2036_between_two_reports_is_no_hour_of_delay()
    {
        NtpTime before = new(ulong.MaxValue - (1UL << 31));  // half a second before
        NtpTime after = new(1UL << 31);
        _sync.Update(Ms(0), new(before, Ms(60)), new(after, Ms(60 + 1000)));
        Assert.Equal(0, _sync.Unheld!.Value.TotalMilliseconds, 3);
    }

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Each stream is played so many ms after its capture.</summary>
    private void Run(double picture, double sound, int seconds)
    {
        for (int i = 0; i < seconds * 50; i++)
        {
            _now += Ms(20);
            TimeSpan pictureReport = _now - Ms(_now.TotalMilliseconds % 1200);
            TimeSpan soundReport = _now - Ms(_now.TotalMilliseconds % 5100);
            _sync.Update(_now, new(Wall.At(pictureReport), pictureReport + Ms(picture)), new(Wall.At(soundReport), soundReport + Ms(sound)));
        }
    }
}
