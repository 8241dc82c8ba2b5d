using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>Pictures that come from another process are compared with the right ones, or not at all.</summary>
public sealed class ReferenceClipTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(20)]
    public void Whatever_picture_comes_first_each_is_compared_with_itself(int first)
    {
        ReferenceClip clip = new(new Counting());
        foreach (int index in (int[])[first, first + 1, first + 2, first + 30, first + 31])
        {
            Assert.True(clip.Compare(Picture(index), CancellationToken.None) > 60, $"picture {index} was compared with another one");
        }
    }

    [Fact]
    public void A_picture_of_the_past_or_of_a_far_future_is_not_compared()
    {
        ReferenceClip clip = new(new Counting());
        Assert.NotNull(clip.Compare(Picture(5), CancellationToken.None));
        Assert.Null(clip.Compare(Picture(4), CancellationToken.None));
        Assert.Null(clip.Compare(Picture(100_000), CancellationToken.None));
        Assert.NotNull(clip.Compare(Picture(6), CancellationToken.None));
    }

    /// <summary>A bar that stands elsewhere in every picture.</summary>
    private static VideoFrame Picture(int index)
    {
        VideoFrame picture = new(64, 64) { CaptureTime = TimeSpan.FromSeconds(1000) + TimeSpan.FromSeconds(index / 25.0) };
        Draw(picture, index);
        return picture;
    }

    private static void Draw(VideoFrame picture, int index)
    {
        picture.Samples.Fill(128);
        picture.Y.Slice(index * 7 % 60 * 64, 4 * 64).Fill(250);
    }

    private sealed class Counting : IPictureSource
    {
        private int _next;

        public PictureSize Size => new(64, 64);

        public FrameRate Rate => new(25, 1);

        public string Name => "counting";

        public string? Notice => null;

        public bool Read(VideoFrame picture, CancellationToken cancel)
        {
            picture.Resize(64, 64);
            Draw(picture, _next++);
            return true;
        }

        public void Dispose()
        {
        }
    }
}
