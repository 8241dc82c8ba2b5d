using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.UnitTests.Media.Pixels;

public sealed class PictureGeometryTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(8, 16)]
    [InlineData(360, 640)]
    [InlineData(50, 38)]
    [InlineData(16, 130)]
    public void TransposingMirrorsEverySampleAlongTheDiagonal(int width, int height)
    {
        VideoFrame source = TestPicture.Noise(width, height, seed: 1);
        VideoFrame target = new();

        Transposition.Transpose(source, target);

        Assert.Equal((height, width), (target.Width, target.Height));
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                Assert.Equal(source.Y[row * width + column], target.Y[column * height + row]);
            }
        }

        Assert.Equal(source.U[0], target.U[0]);
        Assert.Equal(source.U[width / 2 - 1], target.U[(width / 2 - 1) * height / 2]);
        Assert.Equal(source.V[^1], target.V[^1]);
    }

    [Fact]
    public void TransposingTwiceGivesThePictureBack()
    {
        VideoFrame source = TestPicture.Noise(62, 100, seed: 2);
        VideoFrame there = new();
        VideoFrame back = new();

        Transposition.Transpose(source, there);
        Transposition.Transpose(there, back);

        Assert.True(source.Samples.SequenceEqual(back.Samples));
    }

    [Fact]
    public void PaddingRepeatsTheLastColumnAndTheLastRow()
    {
        VideoFrame source = TestPicture.Noise(4, 2, seed: 3);
        VideoFrame target = new();

        Padding.Pad(source, 8, 6, PaddingKind.Edge, target);

        byte[] row0 = [.. source.Y[..4], source.Y[3], source.Y[3], source.Y[3], source.Y[3]];
        byte[] row1 = [.. source.Y[4..8], source.Y[7], source.Y[7], source.Y[7], source.Y[7]];
        Assert.Equal([.. row0, .. row1, .. row1, .. row1, .. row1, .. row1], target.Y.ToArray());
        byte[] chroma = [source.U[0], source.U[1], source.U[1], source.U[1]];
        Assert.Equal([.. chroma, .. chroma, .. chroma], target.U.ToArray());
    }

    [Fact]
    public void GreyPaddingFillsWith128()
    {
        VideoFrame target = new();

        Padding.Pad(TestPicture.Flat(2, 2, 9, 8, 7), 4, 4, PaddingKind.Grey, target);

        Assert.Equal(new byte[] { 9, 9, 128, 128, 9, 9, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128 }, target.Y.ToArray());
        Assert.Equal(new byte[] { 8, 128, 128, 128 }, target.U.ToArray());
    }

    [Fact]
    public void PaddingCannotShrinkAPicture()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Padding.Pad(new VideoFrame(16, 16), 14, 16, PaddingKind.Edge, new VideoFrame()));
    }

    [Fact]
    public void CroppingAPaddedPictureGivesThePictureBack()
    {
        VideoFrame source = TestPicture.Noise(30, 18, seed: 4);
        VideoFrame padded = new();
        VideoFrame cropped = new();

        Padding.Pad(source, 32, 32, PaddingKind.Edge, padded);
        Cropping.Crop(padded, 0, 0, 30, 18, cropped);

        Assert.True(source.Samples.SequenceEqual(cropped.Samples));
    }

    [Fact]
    public void CroppingTakesTheRectangleFromEveryPlane()
    {
        VideoFrame source = TestPicture.Noise(8, 8, seed: 5);
        VideoFrame target = new();

        Cropping.Crop(source, left: 4, top: 2, width: 2, height: 4, target);

        Assert.Equal(new[] { source.Y[20], source.Y[21], source.Y[28], source.Y[29], source.Y[36], source.Y[37], source.Y[44], source.Y[45] }, target.Y.ToArray());
        Assert.Equal(new[] { source.U[6], source.U[10] }, target.U.ToArray());
        Assert.Equal(new[] { source.V[6], source.V[10] }, target.V.ToArray());
    }

    [Theory]
    [InlineData(0, 0, 10, 8)]
    [InlineData(1, 0, 4, 4)]
    [InlineData(0, 6, 8, 4)]
    [InlineData(-2, 0, 4, 4)]
    public void ACropOutsideThePictureIsRefused(int left, int top, int width, int height)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Cropping.Crop(new VideoFrame(8, 8), left, top, width, height, new VideoFrame()));
    }
}
