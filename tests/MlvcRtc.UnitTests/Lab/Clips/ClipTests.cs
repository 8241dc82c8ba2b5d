using System.Text;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.Clips;

public sealed class ClipTests
{
    private static readonly FrameRate Rate = new(30000, 1001);

    [Theory]
    [InlineData("y4m")]
    [InlineData("i420")]
    [InlineData("nv12")]
    public void A_written_clip_is_read_back_sample_by_sample(string format)
    {
        MemoryStream stream = new();
        IClipWriter writer = format switch
        {
            "y4m" => new Y4mWriter(stream, 64, 48, Rate),
            "i420" => new RawClipWriter(stream, RawLayout.I420),
            _ => new RawClipWriter(stream, RawLayout.Nv12),
        };
        VideoFrame sent = new();
        SyntheticScene scene = new(64, 48, Rate, seed: 3, frames: 3);
        while (scene.TryRead(sent))
        {
            writer.Write(sent);
        }

        stream.Position = 0;
        IClipReader reader = format switch
        {
            "y4m" => new Y4mReader(stream),
            "i420" => new RawClipReader(stream, 64, 48, RawLayout.I420, Rate),
            _ => new RawClipReader(stream, 64, 48, RawLayout.Nv12, Rate),
        };
        Assert.Equal((64, 48, Rate), (reader.Width, reader.Height, reader.Rate));
        VideoFrame read = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.True(reader.TryRead(read));
            scene.Render(sent, i);
            Assert.Equal(sent.Samples.ToArray(), read.Samples.ToArray());
            Assert.Equal(i * 1001 / 30.0, read.CaptureTime.TotalMilliseconds, 3);
        }

        Assert.False(reader.TryRead(read));
    }

    [Theory]
    [InlineData("", "The Y4M clip is empty.")]
    [InlineData("RIFF\n", "Not a Y4M clip: it does not begin with YUV4MPEG2.")]
    [InlineData("YUV4MPEG2 W64", "The Y4M clip ends inside a header line.")]
    [InlineData("YUV4MPEG2 W64 F30:1\n", "The Y4M header names no width or no height.")]
    [InlineData("YUV4MPEG2 W63 H48\n", "The Y4M width '63' is not an even number from 2 to 16384; crop or scale the clip.")]
    [InlineData("YUV4MPEG2 W64 H99999999999\n", "The Y4M height '99999999999' is not an even number from 2 to 16384; crop or scale the clip.")]
    [InlineData("YUV4MPEG2 W64 H48 F30:0\n", "The Y4M frame rate '30:0' is not a fraction such as 30:1.")]
    [InlineData("YUV4MPEG2 W64 H48 C444\n", "The Y4M colour format '444' is not 8-bit 4:2:0; convert the clip first.")]
    [InlineData("YUV4MPEG2 W64 H48\nFRAME\nabc", "The Y4M clip ends inside frame 0: 3 of 4608 bytes.")]
    [InlineData("YUV4MPEG2 W64 H48\nFRAMES\n", "The Y4M clip is damaged: frame 0 does not begin with FRAME.")]
    public void A_damaged_clip_says_what_is_wrong(string bytes, string message)
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => new Y4mReader(new MemoryStream(Encoding.Latin1.GetBytes(bytes))).TryRead(new VideoFrame()));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void A_file_without_line_ends_does_not_fill_memory()
    {
        Assert.Throws<InvalidDataException>(() => new Y4mReader(new MemoryStream(new byte[1_000_000])));
    }

    [Fact]
    public void A_raw_clip_that_ends_inside_a_frame_says_so()
    {
        RawClipReader reader = new(new MemoryStream(new byte[100]), 16, 16, RawLayout.I420, Rate);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => reader.TryRead(new VideoFrame()));
        Assert.Equal("The raw clip ends inside frame 0: 100 of 384 bytes (16x16). Is the size right?", error.Message);
    }

    [Fact]
    public void The_made_up_scene_moves_and_repeats_itself_exactly()
    {
        SyntheticScene scene = new(160, 96, Rate, seed: 1);
        VideoFrame one = new(), two = new();
        scene.Render(one, 10);
        new SyntheticScene(160, 96, Rate, seed: 1).Render(two, 10);
        Assert.Equal(one.Samples.ToArray(), two.Samples.ToArray());
        scene.Render(two, 11);
        Assert.NotEqual(one.Samples.ToArray(), two.Samples.ToArray());
        new SyntheticScene(160, 96, Rate, seed: 2).Render(two, 10);
        Assert.NotEqual(one.Samples.ToArray(), two.Samples.ToArray());
    }
}
