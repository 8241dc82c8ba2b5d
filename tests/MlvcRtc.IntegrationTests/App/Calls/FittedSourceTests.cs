using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App.Calls;

/// <summary>Nobody is sent pictures larger or more frequent than it said that it decodes.</summary>
public sealed class FittedSourceTests
{
    [Theory]
    [InlineData(640, 360, 640 * 360, 640, 360)]
    [InlineData(640, 360, int.MaxValue, 640, 360)]
    [InlineData(640, 360, 320 * 180, 320, 180)]
    [InlineData(1280, 720, 640 * 360, 640, 360)]
    [InlineData(360, 640, 100_000, 236, 420)]
    [InlineData(1920, 64, 8192, 494, 64)]  // the codec's least side
    [InlineData(640, 360, 1, 64, 64)]      // what the other side says may be nonsense
    public void Pictures_keep_their_shape_and_fit_what_the_other_side_decodes(int width, int height, int maxSamples, int fittedWidth, int fittedHeight)
    {
        using NumberedPictures pictures = new(new(width, height), new(30, 1), 3);
        using FittedSource fitted = new(pictures, maxSamples, 60);
        Assert.Equal(new PictureSize(fittedWidth, fittedHeight), fitted.Size);
        VideoFrame read = new();
        Assert.True(fitted.Read(read, CancellationToken.None));
        Assert.Equal((fittedWidth, fittedHeight), (read.Width, read.Height));
        Assert.Equal(0, read.Samples[0]);
    }

    [Theory]
    [InlineData(30, 1, 30, new[] { 0, 1, 2, 3, 4, 5, 6 }, 30.0)]
    [InlineData(30, 1, 60, new[] { 0, 1, 2, 3, 4, 5, 6 }, 30.0)]
    [InlineData(30, 1, 15, new[] { 0, 2, 4, 6 }, 15.0)]
    [InlineData(30, 1, 29, new[] { 0, 2, 4, 6 }, 15.0)]
    [InlineData(30_000, 1001, 10, new[] { 0, 3, 6 }, 9.99)]
    public void Of_too_many_pictures_every_nth_is_taken_beginning_with_the_first(int numerator, int denominator, int maxRate, int[] taken, double rate)
    {
        using NumberedPictures pictures = new(new(64, 64), new(numerator, denominator), 7);
        using FittedSource fitted = new(pictures, int.MaxValue, maxRate);
        Assert.Equal(rate, fitted.Rate.PerSecond, 0.001);
        List<int> seen = [];
        VideoFrame read = new();
        while (fitted.Read(read, CancellationToken.None))
        {
            seen.Add(read.Samples[0]);
        }

        Assert.Equal(taken, seen);
    }

    [Fact]
    public void Its_end_leaves_the_source_to_its_owner()
    {
        using NumberedPictures pictures = new(new(64, 64), new(30, 1), 1);
        new FittedSource(pictures, 1, 1).Dispose();
        Assert.False(pictures.Disposed);
    }

    /// <summary>Grey pictures, each with its number for a shade.</summary>
    private sealed class NumberedPictures(PictureSize size, FrameRate rate, int count) : IPictureSource
    {
        private int _next;

        public bool Disposed { get; private set; }

        public PictureSize Size => size;

        public FrameRate Rate => rate;

        public string Name => "numbers";

        public string? Notice => null;

        public bool Read(VideoFrame picture, CancellationToken cancel)
        {
            if (_next == count)
            {
                return false;
            }

            picture.Resize(size.Width, size.Height);
            picture.Samples.Fill((byte)_next++);
            return true;
        }

        public void Dispose() => Disposed = true;
    }
}
