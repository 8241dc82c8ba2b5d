namespace MlvcRtc.Call.Adaptation;

/// <summary>The sizes that a captured picture may be coded in: its own, and smaller ones of the same shape that fill a model's area.</summary>
public static class PictureLadder
{
    /// <summary>A smaller size must have at most this share of the samples of the one above, else the step is not worth a key frame.</summary>
    private const double MostOfAbove = 0.6;

    /// <summary>A smaller size must fill its model this much, else the machine works for nothing; the smallest model is always on the ladder.</summary>
    private const double LeastFill = 0.8;

    /// <summary>The sizes of the published bundles (docs/model-bundle.md), largest first. Portrait pictures are coded turned.</summary>
    private static readonly (int Width, int Height)[] ModelSizes = [(960, 544), (640, 480), (640, 368), (432, 240), (384, 288), (320, 192)];

    /// <summary>
    /// Sizes for captured pictures of this size, the largest first: 640x360 gives 640x360, 426x240, 320x180; 640x480 gives 640x480, 384x288, 256x192. A picture
    /// larger than every model begins with the largest that fits.
    /// </summary>
    public static IReadOnlyList<(int Width, int Height)> For(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 2);
        List<(int Width, int Height)> ladder = [];
        foreach ((int longSide, int shortSide) in ModelSizes)
        {
            bool turned = height > width;
            (int Width, int Height) size = Fit(width, height, turned ? shortSide : longSide, turned ? longSide : shortSide);
            bool worthIt = ladder.Count == 0
                || (Samples(size) <= MostOfAbove * Samples(ladder[^1])
                    && (Samples(size) >= LeastFill * longSide * shortSide || (longSide, shortSide) == ModelSizes[^1]));
            if (worthIt)
            {
                ladder.Add(size);
            }
        }

        return ladder;
    }

    private static int Samples((int Width, int Height) size) => size.Width * size.Height;

    /// <summary>The largest even size of the same shape, to the nearest two samples, inside the box; never larger than the picture.</summary>
    private static (int Width, int Height) Fit(int width, int height, int boxWidth, int boxHeight)
    {
        double scale = Math.Min(1, Math.Min((double)boxWidth / width, (double)boxHeight / height));
        return (Even(width * scale, boxWidth), Even(height * scale, boxHeight));
    }

    private static int Even(double side, int most) => Math.Clamp((int)Math.Round(side / 2) * 2, 2, most);
}
