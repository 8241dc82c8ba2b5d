using MlvcRtc.Call.Adaptation;

namespace MlvcRtc.UnitTests.Call.Scheduling;

/// <summary>What the other side sees while this machine is busy, and after.</summary>
public sealed class OverloadTests
{
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromMilliseconds(500);

    [Fact]
    public void A_machine_that_keeps_up_codes_every_picture_in_full()
    {
        OverloadedSender call = new();
        call.Run(20, slowdown: 1);

        Assert.Equal([(640, 360, false)], call.Shapes);
        Assert.InRange(call.Coded.Count, 599, 601);
        Assert.Equal(0, call.SkippedForTime);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    public void Under_load_pictures_are_skipped_then_the_frame_rate_halved_then_the_picture_made_smaller_and_all_comes_back_within_5_seconds(double slowdown)
    {
        OverloadedSender call = new();
        call.Run(10, slowdown: 1);
        call.Run(20, slowdown);
        VideoShape loaded = call.Shape;
        call.Run(5, slowdown: 1);

        Assert.Equal((640, 360, false), (call.Shape.Width, call.Shape.Height, call.Shape.HalfRate));
        Assert.True(loaded.HalfRate);
        Assert.Equal(slowdown > 3, loaded.Width < 640);
        Assert.Equal((640, 360, true), call.Shapes[1]);
        Assert.True(call.LongestGap(0, 35) < LongestFreeze, $"frozen for {call.LongestGap(0, 35)}");
        Assert.True(slowdown < 4 || call.SkippedForTime > 0);
    }

    [Fact]
    public void A_load_that_comes_and_goes_does_not_make_the_size_swing()
    {
        OverloadedSender call = new();
        for (int i = 0; i < 20; i++)
        {
            call.Run(3, slowdown: 5);
            call.Run(3, slowdown: 1);
        }

        int sizes = call.Shapes.Zip(call.Shapes.Skip(1)).Count(pair => pair.First.Width != pair.Second.Width);
        Assert.True(sizes <= 30, $"{sizes} changes of size in two minutes");
    }

    [Fact]
    public void A_receiver_whose_decoder_is_behind_gets_fewer_and_then_smaller_pictures_until_it_keeps_up()
    {
        OverloadedSender call = new();
        call.Run(5, slowdown: 1);
        call.Machine.DecoderIs(congested: true, TimeSpan.FromSeconds(5));
        call.Run(1, slowdown: 1);
        Assert.Equal((640, true), (call.Shape.Width, call.Shape.HalfRate));
        call.Run(4, slowdown: 1);
        Assert.True(call.Shape.Width < 640);

        call.Machine.DecoderIs(congested: false, TimeSpan.FromSeconds(10));
        call.Run(3, slowdown: 1);
        Assert.True(call.Shape.Width < 640);
        call.Run(60, slowdown: 1);
        Assert.Equal((640, false), (call.Shape.Width, call.Shape.HalfRate));
    }
}
