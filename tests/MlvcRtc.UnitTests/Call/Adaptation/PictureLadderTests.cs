using MlvcRtc.Call.Adaptation;

namespace MlvcRtc.UnitTests.Call.Adaptation;

public sealed class PictureLadderTests
{
    [Theory]
    [InlineData(640, 360, "640x360 426x240 320x180")]
    [InlineData(360, 640, "360x640 240x426 180x320")]   // portrait, coded turned
    [InlineData(640, 480, "640x480 384x288 256x192")]
    [InlineData(1920, 1080, "960x540 640x360 426x240 320x180")]
    [InlineData(960, 540, "960x540 640x360 426x240 320x180")]
    [InlineData(360, 288, "360x288 240x192")]
    [InlineData(320, 180, "320x180")]
    [InlineData(160, 120, "160x120")]
    public void A_captured_picture_may_be_coded_in_these_sizes(int width, int height, string sizes) =>
        Assert.Equal(sizes, string.Join(' ', PictureLadder.For(width, height).Select(size => $"{size.Width}x{size.Height}")));

    [Fact]
    public void Every_size_is_even_falls_by_four_tenths_or_more_and_keeps_the_shape_within_two_samples()
    {
        for (int width = 64; width <= 1920; width += 34)
        {
            for (int height = 64; height <= 1080; height += 34)
            {
                IReadOnlyList<(int Width, int Height)> ladder = PictureLadder.For(width, height);
                Assert.All(ladder, size => Assert.Equal((0, 0), (size.Width % 2, size.Height % 2)));
                Assert.All(ladder, size => Assert.True(Math.Abs(size.Width - ((double)size.Height * width / height)) <= 1 + ((double)width / height)));
                Assert.All(ladder.Zip(ladder.Skip(1)), pair => Assert.True(pair.Second.Width * pair.Second.Height <= 0.6 * pair.First.Width * pair.First.Height));
            }
        }
    }
}
