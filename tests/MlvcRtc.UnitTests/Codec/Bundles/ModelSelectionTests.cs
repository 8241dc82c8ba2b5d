using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.UnitTests.Codec.Bundles;

/// <summary>Which model codes which picture, with the sizes of our bundles.</summary>
public sealed class ModelSelectionTests : IDisposable
{
    private readonly TestBundle _made = new("320x192", "384x288", "432x240", "640x368", "640x480", "960x544");

    [Theory]
    [InlineData(320, 180, "320x192", false)]
    [InlineData(64, 64, "320x192", false)]
    [InlineData(360, 288, "384x288", false)]
    [InlineData(424, 240, "432x240", false)]
    [InlineData(640, 360, "640x368", false)]
    [InlineData(640, 480, "640x480", false)]
    [InlineData(960, 540, "960x544", false)]
    [InlineData(360, 640, "640x368", true)]
    [InlineData(180, 320, "320x192", true)]
    [InlineData(192, 320, "320x192", true)]
    [InlineData(480, 640, "640x480", true)]
    [InlineData(64, 320, "320x192", true)]
    [InlineData(190, 192, "320x192", false)]
    public void A_picture_that_fits_gets_the_smallest_model(int width, int height, string key, bool transposed)
    {
        ModelChoice choice = Choose(width, height);

        Assert.Equal((key, transposed, width, height), (choice.Model.Key, choice.Transposed, choice.PictureWidth, choice.PictureHeight));
    }

    [Theory]
    [InlineData(1280, 720, "960x544", false, 960, 540)]
    [InlineData(1920, 1080, "960x544", false, 960, 540)]
    [InlineData(1080, 1920, "960x544", true, 540, 960)]
    [InlineData(720, 1280, "960x544", true, 540, 960)]
    [InlineData(1024, 768, "960x544", false, 726, 544)]
    [InlineData(1920, 64, "960x544", false, 960, 32)]
    [InlineData(1080, 1080, "960x544", false, 544, 544)]
    public void A_picture_larger_than_every_model_is_scaled_down_in_its_aspect_ratio(int width, int height, string key, bool transposed, int toWidth, int toHeight)
    {
        ModelChoice choice = Choose(width, height);

        Assert.Equal((key, transposed, toWidth, toHeight), (choice.Model.Key, choice.Transposed, choice.PictureWidth, choice.PictureHeight));
    }

    [Fact]
    public void Every_even_size_up_to_1080p_gets_a_model_that_holds_it()
    {
        for (int width = 64; width <= 1920; width += 58)
        {
            for (int height = 64; height <= 1920; height += 62)
            {
                ModelChoice choice = Choose(width, height);
                (int boxWidth, int boxHeight) = choice.Transposed ? (choice.Model.Height, choice.Model.Width) : (choice.Model.Width, choice.Model.Height);
                Assert.InRange(choice.PictureWidth, 2, Math.Min(width, boxWidth));
                Assert.InRange(choice.PictureHeight, 2, Math.Min(height, boxHeight));
                Assert.Equal(0, (choice.PictureWidth | choice.PictureHeight) & 1);

                // One sample of rounding to even at most, on the side that follows from the other.
                Assert.InRange(Math.Abs((choice.PictureWidth * (double)height / width) - choice.PictureHeight), 0, Math.Max(1, (double)height / width) + 1e-9);
            }
        }
    }

    [Theory]
    [InlineData(321, 180)]
    [InlineData(320, 0)]
    [InlineData(-2, 64)]
    public void Odd_or_empty_pictures_are_refused(int width, int height) => Assert.Throws<ArgumentOutOfRangeException>(() => Choose(width, height));

    public void Dispose() => _made.Dispose();

    private ModelChoice Choose(int width, int height) => ModelSelection.Choose(Models(), width, height);

    private IReadOnlyList<ModelVariant> _models = [];

    private IReadOnlyList<ModelVariant> Models() =>
        _models.Count > 0 ? _models : _models = ModelBundle.Open(_made.Write(), _made.Cache).Models;
}
