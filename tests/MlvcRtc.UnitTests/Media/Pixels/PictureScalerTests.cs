using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.UnitTests.Media.Pixels;

public sealed class PictureScalerTests
{
    [Theory]
    [InlineData(1920, 1080, 960, 540)]
    [InlineData(1280, 720, 640, 360)]
    [InlineData(352, 288, 384, 314)]
    [InlineData(100, 50, 2, 2)]
    public void AFlatPictureStaysFlat(int width, int height, int newWidth, int newHeight)
    {
        VideoFrame target = new();

        new PictureScaler().Scale(TestPicture.Flat(width, height, 255, 0, 93), newWidth, newHeight, target);

        Assert.Equal((newWidth, newHeight), (target.Width, target.Height));
        Assert.False(target.Y.ContainsAnyExcept((byte)255));
        Assert.False(target.U.ContainsAnyExcept((byte)0));
        Assert.False(target.V.ContainsAnyExcept((byte)93));
    }

    [Fact]
    public void HalvingWeighsNeighboursOneThreeThreeOne()
    {
        // Triangle of one output sample's width around the middle of two input samples: weights 1 3 3 1 of 8. Every row is alike.
        VideoFrame source = new(8, 2);
        byte[] row = [0, 0, 0, 80, 160, 160, 160, 160];
        row.CopyTo(source.Y);
        row.CopyTo(source.Y[8..]);
        source.U.Fill(128);
        source.V.Fill(128);
        VideoFrame target = new();

        new PictureScaler().Scale(source, 4, 2, target);

        int second = (0 * 1 + 0 * 3 + 80 * 3 + 160 * 1) / 8;
        int third = (80 * 1 + 160 * 3 + 160 * 3 + 160 * 1) / 8;
        Assert.Equal(new byte[] { 0, (byte)second, (byte)third, 160 }, target.Y[..4].ToArray());
    }

    [Fact]
    public void DoublingIsBilinear()
    {
        VideoFrame source = new(2, 2);
        new byte[] { 0, 100, 0, 100 }.CopyTo(source.Y);
        source.U.Fill(1);
        source.V.Fill(1);
        VideoFrame target = new();

        new PictureScaler().Scale(source, 4, 2, target);

        // Output centres lie at -1/4, 1/4, 3/4, 5/4 of the input; beyond the edge counts the edge.
        Assert.Equal(new byte[] { 0, 25, 75, 100 }, target.Y[..4].ToArray());
    }

    [Fact]
    public void FineStripesAverageOutInsteadOfAliasing()
    {
        VideoFrame source = TestPicture.Flat(960, 60, 0, 128, 128);
        for (int column = 0; column < source.Y.Length; column += 2)
        {
            source.Y[column] = 254;
        }

        VideoFrame target = new();
        new PictureScaler().Scale(source, 320, 20, target);

        foreach (byte sample in target.Y)
        {
            Assert.InRange(sample, 127 - 16, 127 + 16);
        }
    }

    [Fact]
    public void ScalingAStreamOfEqualPicturesAllocatesNothing()
    {
        PictureScaler scaler = new();
        VideoFrame source = TestPicture.Noise(1280, 720, seed: 7);
        VideoFrame target = new();
        scaler.Scale(source, 640, 360, target);

        long before = GC.GetAllocatedBytesForCurrentThread();
        scaler.Scale(source, 640, 360, target);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
