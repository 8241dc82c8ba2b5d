using MlvcRtc.Codec.Entropy;

namespace MlvcRtc.UnitTests.Codec.Entropy;

public sealed class ScaleDecoderTests
{
    [Fact]
    public void The_published_vector_gives_the_published_maps()
    {
        LatentShape shape = LatentShape.Of(4, 4, 4, 4, 2, 2, 1);
        var scales = new ScaleDecoder(shape, 128);
        scales.Decode([10, 20, -30, 40]);

        Assert.Equal([10, 30], scales.Row(0, 0, 0).ToArray());
        Assert.Equal([30, 10], scales.Row(0, 0, 1).ToArray());
        Assert.Equal([20, 40], scales.Row(0, 1, 0).ToArray());
        Assert.Equal([40, 20], scales.Row(0, 1, 1).ToArray());
        Assert.Equal([30, 10], scales.Row(1, 0, 0).ToArray());
        Assert.Equal([10, 30], scales.Row(1, 0, 1).ToArray());
        Assert.Equal([40, 20], scales.Row(1, 1, 0).ToArray());
        Assert.Equal([20, 40], scales.Row(1, 1, 1).ToArray());
    }

    [Theory]
    [InlineData(960, 544, 48, 48, 4, 4, 24, 34, 60, 9, 15)]
    [InlineData(640, 368, 48, 48, 4, 4, 24, 23, 40, 6, 10)]
    [InlineData(432, 240, 48, 48, 4, 4, 24, 15, 27, 4, 7)]
    [InlineData(320, 192, 48, 48, 4, 4, 24, 12, 20, 3, 5)]
    [InlineData(640, 368, 96, 48, 4, 4, 48, 23, 40, 6, 10)]
    [InlineData(640, 368, 128, 128, 8, 2, 64, 23, 40, 3, 5)]
    public void Shapes_of_the_known_models(int width, int height, int latent, int hyper, int down, int repeat, int channels, int yHeight, int yWidth, int zHeight, int zWidth)
    {
        LatentShape shape = LatentShape.Of(width, height, latent, hyper, 16, down, repeat);

        Assert.Equal((channels, yHeight, yWidth, zHeight, zWidth), (shape.HalfChannels, shape.YHeight, shape.YWidth, shape.ZHeight, shape.ZWidth));
        Assert.Equal(channels * yHeight * yWidth, shape.HalfCount);
        Assert.Equal(hyper * zHeight * zWidth, shape.ZCount);
    }

    [Fact]
    public void Every_index_of_random_shapes_follows_the_definition()
    {
        var random = new Random(5);
        for (int round = 0; round < 30; round++)
        {
            int repeat = random.Next(1, 4);
            int groups = random.Next(1, 4);
            int down = random.Next(1, 5);
            LatentShape shape = LatentShape.Of(random.Next(1, 200), random.Next(1, 200), 2 * repeat * groups, (2 * groups) + random.Next(3), 16, down, repeat);
            int[] z = [.. Enumerable.Range(0, shape.ZCount).Select(_ => random.Next(-200, 201))];
            var scales = new ScaleDecoder(shape, 128);
            scales.Decode(z);
            for (int i = 0; i < 2 * shape.HalfCount; i++)
            {
                int half = i / shape.HalfCount;
                int c = i % shape.HalfCount / (shape.YHeight * shape.YWidth);
                int y = i / shape.YWidth % shape.YHeight;
                int x = i % shape.YWidth;
                bool fromA = (x + y) % 2 == half;
                int channel = (c / repeat) + (fromA ? 0 : groups);
                int expected = Math.Min(Math.Abs(z[(((channel * shape.ZHeight) + (y / down)) * shape.ZWidth) + (x / down)]), 127);
                Assert.Equal(expected, scales.Row(half, c, y)[x]);
            }
        }
    }

    [Fact]
    public void The_smallest_integer_has_no_magnitude_and_means_the_last_table()
    {
        var scales = new ScaleDecoder(LatentShape.Of(16, 16, 2, 2, 16, 2, 1), 128);
        scales.Decode([int.MinValue, int.MaxValue]);

        Assert.Equal(127, scales.Row(0, 0, 0)[0]);
        Assert.Equal(127, scales.Row(1, 0, 0)[0]);
    }

    [Theory]
    [InlineData(3, 4, 1)]
    [InlineData(6, 4, 2)]
    [InlineData(8, 3, 2)]
    [InlineData(0, 4, 1)]
    [InlineData(4, 4, 0)]
    public void Channels_that_cannot_share_scales_are_refused(int latent, int hyper, int repeat) =>
        Assert.Throws<InvalidDataException>(() => LatentShape.Of(64, 64, latent, hyper, 16, 4, repeat));

    [Fact]
    public void A_shape_too_large_for_memory_is_refused() =>
        Assert.Throws<InvalidDataException>(() => LatentShape.Of(8190, 8190, 4096, 4096, 1, 2, 1));
}
