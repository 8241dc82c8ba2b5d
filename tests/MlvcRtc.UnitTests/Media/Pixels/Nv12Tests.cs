using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.UnitTests.Media.Pixels;

public sealed class Nv12Tests
{
    [Fact]
    public void ChromaPairsAreTakenApart()
    {
        VideoFrame target = new(4, 2);

        Nv12.ToI420([1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 11, 21], target);

        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 20, 21 }, target.Samples.ToArray());
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(640, 360)]
    [InlineData(62, 34)]
    public void GoingToNv12AndBackChangesNothing(int width, int height)
    {
        VideoFrame source = TestPicture.Noise(width, height, seed: 6);
        VideoFrame back = new(width, height);
        byte[] nv12 = new byte[Nv12.SizeOf(width, height)];

        Nv12.FromI420(source, nv12);
        Nv12.ToI420(nv12, back);

        Assert.True(source.Samples.SequenceEqual(back.Samples));
        Assert.Equal(source.V[^1], nv12[^1]);
        Assert.Equal(source.U[^1], nv12[^2]);
    }

    [Fact]
    public void AShortBufferIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Nv12.ToI420(new byte[5], new VideoFrame(2, 2)));
    }
}
