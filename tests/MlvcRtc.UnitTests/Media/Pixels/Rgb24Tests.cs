using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.UnitTests.Media.Pixels;

public class Rgb24Tests
{
    /// <summary>The colour bars at 100 % as ITU-R BT.601 in eight bits has them.</summary>
    [Theory]
    [InlineData(255, 255, 255, 235, 128, 128)]
    [InlineData(0, 0, 0, 16, 128, 128)]
    [InlineData(255, 0, 0, 81, 90, 240)]
    [InlineData(0, 255, 0, 145, 54, 34)]
    [InlineData(0, 0, 255, 41, 240, 110)]
    [InlineData(255, 255, 0, 210, 16, 146)]
    public void Colour_bars_have_their_known_levels(byte r, byte g, byte b, byte luma, byte blue, byte red)
    {
        byte[] picture = [.. Enumerable.Repeat<byte[]>([r, g, b], 16).SelectMany(static pixel => pixel)];
        VideoFrame frame = new(4, 4);
        Rgb24.ToI420(picture, 12, frame);
        Assert.All(frame.Y.ToArray(), sample => Assert.Equal(luma, sample));
        Assert.All(frame.U.ToArray(), sample => Assert.Equal(blue, sample));
        Assert.All(frame.V.ToArray(), sample => Assert.Equal(red, sample));
    }

    [Fact]
    public void Every_pixel_is_where_it_was_and_what_is_beyond_the_frame_is_left_out()
    {
        // 5x3 grey steps in rows of 17 bytes, into 4x2.
        byte[] picture = new byte[17 * 3];
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 5; column++)
            {
                picture.AsSpan(17 * row + 3 * column, 3).Fill((byte)(51 * column + row));
            }
        }

        VideoFrame frame = new(4, 2);
        Rgb24.ToI420(picture, 17, frame);
        Assert.Equal([16, 60, 104, 147, 17, 61, 104, 148], frame.Y.ToArray());
        Assert.Equal([128, 128], frame.U.ToArray());
    }

    [Theory]
    [InlineData(48, 11)]
    [InlineData(47, 12)]
    public void Too_few_bytes_are_refused(int bytes, int stride) =>
        Assert.Throws<ArgumentException>(() => Rgb24.ToI420(new byte[bytes], stride, new VideoFrame(4, 4)));
}
