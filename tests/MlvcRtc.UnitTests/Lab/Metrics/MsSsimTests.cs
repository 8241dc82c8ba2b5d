using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.Metrics;

public sealed class MsSsimTests
{
    private const int Width = 214, Height = 190;  // no multiple of a vector, a half or a quarter

    private static readonly VideoFrame Scene = MakeScene();

    [Fact]
    public void Equal_pictures_have_similarity_one()
    {
        Assert.Equal(1, new MsSsim().Compare(Scene, Scene), 6);
        Assert.Equal(1, new MsSsim().CompareOneScale(Scene, Scene), 6);
    }

    [Fact]
    public void It_does_not_matter_which_picture_is_the_original()
    {
        VideoFrame noisy = Noisy(12);

        Assert.Equal(new MsSsim().Compare(Scene, noisy), new MsSsim().Compare(noisy, Scene), 6);
    }

    [Fact]
    public void Two_flat_pictures_differ_by_the_luminance_of_the_coarsest_scale_alone()
    {
        // Structure is C2/C2 = 1 everywhere, so what is left is ((2ab + C1) / (a² + b² + C1)) ^ 0.1333.
        const double a = 100, b = 140, c1 = 6.5025;
        double luminance = ((2 * a * b) + c1) / ((a * a) + (b * b) + c1);

        Assert.Equal(Math.Pow(luminance, 0.1333), new MsSsim().Compare(Flat((byte)a), Flat((byte)b)), 5);
        Assert.Equal(luminance, new MsSsim().CompareOneScale(Flat((byte)a), Flat((byte)b)), 5);
    }

    [Fact]
    public void More_noise_is_less_alike()
    {
        double[] similarities = [.. new[] { 2, 5, 10, 20, 40 }.Select(strength => new MsSsim().Compare(Noisy(strength), Scene))];

        Assert.Equal(similarities.OrderDescending(), similarities);
        Assert.All(similarities, similarity => Assert.InRange(similarity, 0, 1));
    }

    [Fact]
    public void At_equal_squared_error_a_brighter_picture_is_far_more_alike_than_a_noisy_one()
    {
        // Figure 2 of Wang et al. 2004: the same mean squared error, a mean shift (SSIM 0.99) and contamination (0.65 to 0.84).
        VideoFrame noisy = Noisy(10);
        VideoFrame brighter = Changed((x, y, luma) => (byte)Math.Min(255, luma + 10));
        Assert.Equal(Psnr.Plane(noisy.Y, Scene.Y), Psnr.Plane(brighter.Y, Scene.Y), 0.2);

        Assert.True(new MsSsim().CompareOneScale(brighter, Scene) > 0.95);
        Assert.True(new MsSsim().CompareOneScale(noisy, Scene) < 0.85);
    }

    [Fact]
    public void An_inverted_picture_has_nothing_in_common() =>
        Assert.Equal(0, new MsSsim().Compare(Changed((x, y, luma) => (byte)(255 - luma)), Scene), 2);

    [Fact]
    public void The_vectors_compute_what_the_formula_says()
    {
        VideoFrame noisy = Noisy(15);
        (double oneScale, double multiScale) = Plain(Samples(noisy), Samples(Scene));

        Assert.Equal(oneScale, new MsSsim().CompareOneScale(noisy, Scene), 5);
        Assert.Equal(multiScale, new MsSsim().Compare(noisy, Scene), 5);
    }

    [Fact]
    public void A_meter_that_has_seen_other_sizes_gives_the_same_figures()
    {
        MsSsim used = new();
        used.Compare(new VideoFrame(400, 300), new VideoFrame(400, 300));
        used.Compare(new VideoFrame(180, 178), new VideoFrame(180, 178));

        Assert.Equal(new MsSsim().Compare(Noisy(9), Scene), used.Compare(Noisy(9), Scene));
    }

    [Theory]
    [InlineData(0.9, 10)]
    [InlineData(0.99, 20)]
    [InlineData(0.999, 30)]
    [InlineData(1, 100)]
    public void Decibels_count_what_is_missing_to_one(double similarity, double db) => Assert.Equal(db, MsSsim.ToDb(similarity), 6);

    [Fact]
    public void Pictures_of_other_sizes_or_too_small_ones_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MsSsim().Compare(new VideoFrame(200, 200), new VideoFrame(200, 202)));
        Assert.Throws<ArgumentException>(() => new MsSsim().Compare(new VideoFrame(320, 174), new VideoFrame(320, 174)));
        Assert.Throws<ArgumentException>(() => new MsSsim().CompareOneScale(new VideoFrame(32, 10), new VideoFrame(32, 10)));
    }

    /// <summary>The paper's equations, sample by sample with the whole window, in double precision.</summary>
    private static (double OneScale, double MultiScale) Plain(double[,] left, double[,] right)
    {
        double[] exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
        double oneScale = 0, product = 1;
        for (int scale = 0; scale < 5; scale++)
        {
            (double similarity, double structure) = PlainScale(left, right);
            oneScale = scale == 0 ? similarity : oneScale;
            product *= Math.Pow(scale == 4 ? similarity : structure, exponents[scale]);
            (left, right) = (Half(left), Half(right));
        }

        return (oneScale, product);
    }

    private static (double Similarity, double Structure) PlainScale(double[,] left, double[,] right)
    {
        const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;
        double[,] window = new double[11, 11];
        double total = 0;
        for (int i = 0; i < 121; i++)
        {
            double squared = Math.Pow((i / 11) - 5, 2) + Math.Pow((i % 11) - 5, 2);
            window[i / 11, i % 11] = Math.Exp(-squared / (2 * 1.5 * 1.5));
            total += window[i / 11, i % 11];
        }

        (int height, int width) = (left.GetLength(0) - 10, left.GetLength(1) - 10);
        double similarity = 0, structure = 0;
        for (int at = 0; at < height * width; at++)
        {
            double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
            for (int i = 0; i < 121; i++)
            {
                double weight = window[i / 11, i % 11] / total;
                double l = left[(at / width) + (i / 11), (at % width) + (i % 11)], r = right[(at / width) + (i / 11), (at % width) + (i % 11)];
                a += weight * l;
                b += weight * r;
                aa += weight * l * l;
                bb += weight * r * r;
                ab += weight * l * r;
            }

            double contrast = ((2 * (ab - (a * b))) + c2) / (aa - (a * a) + bb - (b * b) + c2);
            structure += contrast / (height * width);
            similarity += contrast * ((2 * a * b) + c1) / ((a * a) + (b * b) + c1) / (height * width);
        }

        return (similarity, structure);
    }

    private static double[,] Half(double[,] plane)
    {
        double[,] half = new double[plane.GetLength(0) / 2, plane.GetLength(1) / 2];
        for (int y = 0; y < half.GetLength(0); y++)
        {
            for (int x = 0; x < half.GetLength(1); x++)
            {
                half[y, x] = (plane[2 * y, 2 * x] + plane[2 * y, (2 * x) + 1] + plane[(2 * y) + 1, 2 * x] + plane[(2 * y) + 1, (2 * x) + 1]) / 4;
            }
        }

        return half;
    }

    private static double[,] Samples(VideoFrame frame)
    {
        double[,] samples = new double[frame.Height, frame.Width];
        for (int i = 0; i < frame.Y.Length; i++)
        {
            samples[i / frame.Width, i % frame.Width] = frame.Y[i];
        }

        return samples;
    }

    private static VideoFrame MakeScene()
    {
        VideoFrame frame = new();
        new SyntheticScene(Width, Height, new FrameRate(30, 1), seed: 3).Render(frame, 20);
        return frame;
    }

    private static VideoFrame Flat(byte luma)
    {
        VideoFrame frame = new(Width, Height);
        frame.Y.Fill(luma);
        return frame;
    }

    /// <summary>Every sample up or down by the same amount, at random.</summary>
    private static VideoFrame Noisy(int strength)
    {
        Random random = new(strength);
        return Changed((_, _, luma) => (byte)Math.Clamp(luma + (random.Next(2) == 0 ? strength : -strength), 0, 255));
    }

    private static VideoFrame Changed(Func<int, int, byte, byte> change)
    {
        VideoFrame frame = new();
        frame.CopyFrom(Scene);
        for (int i = 0; i < frame.Y.Length; i++)
        {
            frame.Y[i] = change(i % Width, i / Width, frame.Y[i]);
        }

        return frame;
    }
}
