namespace MlvcRtc.Codec.Bundles;

/// <summary>Which size of a model codes a picture, and how the picture goes in.</summary>
/// <param name="Model">The chosen size.</param>
/// <param name="Transposed">Rows and columns are swapped before coding.</param>
/// <param name="PictureWidth">Width to scale the picture to before anything else; even. The picture's own width when it fits.</param>
/// <param name="PictureHeight">Height likewise.</param>
public readonly record struct ModelChoice(ModelVariant Model, bool Transposed, int PictureWidth, int PictureHeight);

/// <summary>Chooses as libmlvc does, and scales down what libmlvc refuses.</summary>
public static class ModelSelection
{
    /// <summary>What transposition costs, in multiples of the picture's area (libmlvc).</summary>
    private const double TransposeCost = 0.1;

    /// <param name="models">The sizes of one bundle, in ordinal order of their keys: the first of equals wins.</param>
    /// <param name="width">Luma columns of the picture; even, positive.</param>
    /// <param name="height">Luma rows; even, positive.</param>
    public static ModelChoice Choose(IReadOnlyList<ModelVariant> models, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentOutOfRangeException.ThrowIfZero(models.Count);
        CheckSide(width, nameof(width));
        CheckSide(height, nameof(height));
        ModelChoice? best = null;
        double bestCost = double.PositiveInfinity;
        foreach (ModelVariant model in models)
        {
            bool upright = width <= model.Width && height <= model.Height;
            bool rotated = height <= model.Width && width <= model.Height;
            double cost = ((double)model.Width * model.Height / ((double)width * height)) + (upright ? 0 : TransposeCost);
            if ((upright || rotated) && cost < bestCost)
            {
                best = new ModelChoice(model, !upright, width, height);
                bestCost = cost;
            }
        }

        return best ?? ScaleDown(models, width, height);
    }

    /// <summary>The model that keeps the most samples; of equals the smaller model, then the upright one.</summary>
    private static ModelChoice ScaleDown(IReadOnlyList<ModelVariant> models, int width, int height) =>
        models
            .SelectMany(model => new[] { Fit(model, false, width, height), Fit(model, true, width, height) })
            .OrderByDescending(choice => (long)choice.PictureWidth * choice.PictureHeight)
            .ThenBy(choice => (long)choice.Model.Width * choice.Model.Height)
            .ThenBy(choice => choice.Transposed)
            .First();

    private static ModelChoice Fit(ModelVariant model, bool transposed, int width, int height)
    {
        int boxWidth = transposed ? model.Height : model.Width;
        int boxHeight = transposed ? model.Width : model.Height;
        bool widthLimits = (long)boxWidth * height <= (long)boxHeight * width;
        return widthLimits
            ? new ModelChoice(model, transposed, EvenBelow(boxWidth), EvenNear((long)height * boxWidth, width, boxHeight))
            : new ModelChoice(model, transposed, EvenNear((long)width * boxHeight, height, boxWidth), EvenBelow(boxHeight));
    }

    private static int EvenBelow(int side) => side & ~1;

    /// <summary>The even number nearest to numerator / denominator, from 2 to <paramref name="most"/>.</summary>
    private static int EvenNear(long numerator, int denominator, int most) =>
        Math.Clamp((int)((numerator + denominator) / (2L * denominator)) * 2, 2, EvenBelow(most));

    private static void CheckSide(int side, string name)
    {
        if (side < 2 || (side & 1) != 0)
        {
            throw new ArgumentOutOfRangeException(name, side, "A 4:2:0 picture needs even, positive sides.");
        }
    }
}
