using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Pixels;
using MlvcRtc.Media;
using MlvcRtc.UnitTests.Media.Pixels;

namespace MlvcRtc.UnitTests.Codec.Pixels;

public sealed class PictureLayoutTests
{
    [Theory]
    [InlineData(8, 8)]
    [InlineData(64, 64)]
    [InlineData(640, 368)]
    [InlineData(432, 240)]
    [InlineData(72, 16)]
    public void FastPackingEqualsTheDefinition(int width, int height)
    {
        VideoFrame picture = TestPicture.Noise(width, height, seed: width);
        using NativeTensor fast = new(ElementType.UInt8, 1, 96, height / 8, width / 8);
        using NativeTensor plain = new(ElementType.UInt8, 1, 96, height / 8, width / 8);

        new PackedI420().Write(picture, fast);
        new PackedI420Plain().Write(picture, plain);

        Assert.True(fast.Bytes.SequenceEqual(plain.Bytes));
    }

    [Theory]
    [InlineData(8, 8)]
    [InlineData(640, 368)]
    [InlineData(432, 240)]
    public void FastUnpackingEqualsTheDefinition(int width, int height)
    {
        using NativeTensor tensor = new(ElementType.UInt8, 1, 96, height / 8, width / 8);
        new Random(width).NextBytes(tensor.Bytes);
        VideoFrame fast = new();
        VideoFrame plain = new();

        new PackedI420().Read(tensor, fast);
        new PackedI420Plain().Read(tensor, plain);

        Assert.True(fast.Samples.SequenceEqual(plain.Samples));
    }

    [Fact]
    public void PackedChannelsLieWhereTheBundlePageSays()
    {
        VideoFrame picture = TestPicture.Noise(16, 24, seed: 8);
        using NativeTensor tensor = new(ElementType.UInt8, 1, 96, 3, 2);
        new PackedI420().Write(picture, tensor);

        byte At(int channel, int i, int j) => tensor.Bytes[channel * 6 + i * 2 + j];
        Assert.Equal(picture.Y[(8 * 2 + 5) * 16 + 8 * 1 + 3], At(8 * 5 + 3, 2, 1));
        Assert.Equal(picture.U[(4 * 1 + 3) * 8 + 4 * 1 + 2], At(64 + 4 * 3 + 2, 1, 1));
        Assert.Equal(picture.V[(4 * 2 + 0) * 8 + 4 * 0 + 1], At(80 + 1, 2, 0));
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    public void FullPlanesComeBackAsTheyWent(ElementType type)
    {
        VideoFrame picture = TestPicture.Noise(48, 32, seed: 9);
        using NativeTensor tensor = new(type, 1, 3, 32, 48);
        VideoFrame back = new();
        Planes444 layout = new();

        layout.Write(picture, tensor);
        layout.Read(tensor, back);

        // A byte's fraction in float16 is off by at most 2^-12 of full scale, a sixteenth of a level: rounding finds the byte again.
        Assert.True(picture.Samples.SequenceEqual(back.Samples));
    }

    [Fact]
    public void FullPlanesHoldFractionsAndRepeatedChroma()
    {
        VideoFrame picture = TestPicture.Flat(2, 2, 255, 51, 0);
        using NativeTensor tensor = new(ElementType.Float16, 1, 3, 2, 2);

        new Planes444().Write(picture, tensor);

        Assert.Equal([Half.One, Half.One, Half.One, Half.One, (Half)0.2f, (Half)0.2f, (Half)0.2f, (Half)0.2f, Half.Zero, Half.Zero, Half.Zero, Half.Zero], tensor.As<Half>().ToArray());
    }

    [Fact]
    public void FullPlanesAverageChromaAndClampWhatTheNetworkOvershoots()
    {
        using NativeTensor tensor = new(ElementType.Float32, 1, 3, 2, 2);
        float[] values = [-0.5f, 1.5f, float.NaN, 0.5f, 0, 0.2f, 0.4f, 0.6f, 1, 1, 1, 2];
        values.CopyTo(tensor.As<float>());
        VideoFrame picture = new();

        new Planes444().Read(tensor, picture);

        // 255 · 0.5 = 127.5, halves to even: 128. U: 63.75 · 1.2 = 76.5, in float32 a hair above: 77 or 76. V: 63.75 · 5 > 255.
        Assert.Equal(new byte[] { 0, 255, 0, 128 }, picture.Y.ToArray());
        Assert.InRange(picture.U[0], 76, 77);
        Assert.Equal(255, picture.V[0]);
    }

    [Fact]
    public void APictureOfAnotherSizeIsRefused()
    {
        using NativeTensor packed = new(ElementType.UInt8, 1, 96, 2, 2);
        using NativeTensor planes = new(ElementType.Float32, 1, 3, 16, 16);

        Assert.Throws<ArgumentException>(() => new PackedI420().Write(new VideoFrame(16, 24), packed));
        Assert.Throws<ArgumentException>(() => new Planes444().Write(new VideoFrame(16, 24), planes));
        Assert.Throws<ArgumentException>(() => new PackedI420().Write(new VideoFrame(16, 16), planes));
    }

    [Fact]
    public void PackingAllocatesNothing()
    {
        VideoFrame picture = TestPicture.Noise(320, 192, seed: 10);
        using NativeTensor tensor = new(ElementType.UInt8, 1, 96, 24, 40);
        PackedI420 layout = new();
        layout.Write(picture, tensor);
        layout.Read(tensor, picture);

        long before = GC.GetAllocatedBytesForCurrentThread();
        layout.Write(picture, tensor);
        layout.Read(tensor, picture);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
