namespace MlvcRtc.Codec.Entropy;

/// <summary>Sizes of what one frame codes: the latent y, in two halves of the checkerboard, and the hyper latent z.</summary>
/// <param name="YChannels">Channels of y (<c>latent_channels</c>); each half has half of them. Even.</param>
/// <param name="YHeight">Rows of y.</param>
/// <param name="YWidth">Columns of y.</param>
/// <param name="ZChannels">Channels of z (<c>hyperprior_channels</c>).</param>
/// <param name="ZHeight">Rows of z.</param>
/// <param name="ZWidth">Columns of z.</param>
/// <param name="ScaleRepeat">Consecutive channels of y that share one scale channel of z (<c>y_scale_repeat</c>).</param>
/// <param name="HyperDownsample">Rows, and columns, of y per row or column of z (<c>downsample_hyperprior</c>).</param>
public sealed record LatentShape(int YChannels, int YHeight, int YWidth, int ZChannels, int ZHeight, int ZWidth, int ScaleRepeat, int HyperDownsample)
{
    /// <summary>More symbols per tensor than any model has; keeps every product of sizes within 32 bits.</summary>
    private const int MaxCount = 1 << 26;

    /// <summary>Channels of one half of y.</summary>
    public int HalfChannels => YChannels / 2;

    /// <summary>Symbols in y0, and in y1: [YChannels/2, YHeight, YWidth].</summary>
    public int HalfCount => HalfChannels * YHeight * YWidth;

    /// <summary>Symbols in z: [ZChannels, ZHeight, ZWidth].</summary>
    public int ZCount => ZChannels * ZHeight * ZWidth;

    /// <summary>Scale channels of each half: z channels 0..C−1 serve the first half of y's channels, C..2C−1 the second.</summary>
    public int ScaleChannels => HalfChannels / ScaleRepeat;

    /// <summary>The shape a model of this picture size has (bundle metadata; all sides round up).</summary>
    /// <exception cref="InvalidDataException">The numbers do not describe a scale-sending model.</exception>
    public static LatentShape Of(int width, int height, int latentChannels, int hyperChannels, int latentDownsample, int hyperDownsample, int scaleRepeat)
    {
        if (width < 1 || height < 1 || latentDownsample < 1 || hyperDownsample < 1)
        {
            throw new InvalidDataException($"A model of {width}x{height} with downsampling {latentDownsample} and {hyperDownsample}; all must be positive.");
        }

        int yHeight = ((height - 1) / latentDownsample) + 1;
        int yWidth = ((width - 1) / latentDownsample) + 1;
        var shape = new LatentShape(
            latentChannels, yHeight, yWidth, hyperChannels, ((yHeight - 1) / hyperDownsample) + 1, ((yWidth - 1) / hyperDownsample) + 1, scaleRepeat, hyperDownsample);
        shape.Check();
        return shape;
    }

    /// <exception cref="InvalidDataException">The sizes contradict each other.</exception>
    internal void Check()
    {
        if (YChannels < 2 || YChannels % 2 != 0 || ScaleRepeat < 1 || HalfChannels % ScaleRepeat != 0 || 2L * ScaleChannels > ZChannels)
        {
            throw new InvalidDataException(
                $"{YChannels} latent channels, {ZChannels} hyper channels and scale repeat {ScaleRepeat}: half of the latent channels must be a multiple of the repeat, and z must hold one scale channel per repeat group.");
        }

        if (YHeight < 1 || YWidth < 1 || ZHeight < 1 || ZWidth < 1 || HyperDownsample < 1
            || (long)ZHeight * HyperDownsample < YHeight || (long)ZWidth * HyperDownsample < YWidth)
        {
            throw new InvalidDataException($"z of {ZWidth}x{ZHeight} at 1/{HyperDownsample} does not cover y of {YWidth}x{YHeight}.");
        }

        if (YWidth > MaxCount / YHeight / YChannels || ZWidth > MaxCount / ZHeight / ZChannels)
        {
            throw new InvalidDataException($"More than {MaxCount} symbols in y of {YChannels}x{YHeight}x{YWidth} or z of {ZChannels}x{ZHeight}x{ZWidth}.");
        }
    }
}
