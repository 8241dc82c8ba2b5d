namespace MlvcRtc.App.Interop;

/// <summary>How far one decoder's pictures come apart from another's along a clip.</summary>
internal static class DriftMeter
{
    /// <summary>What a viewer does not see.</summary>
    public const double HarmlessDb = 0.5;

    /// <summary>Frames over which a loss is averaged: a tenth of the clip.</summary>
    public static int WindowOf(int frames) => Math.Max(1, frames / 10);

    /// <summary>PSNR lost, frame by frame, dB.</summary>
    public static double[] Losses(DecodedClip own, DecodedClip other) => [.. own.Psnr.Zip(other.Psnr, (a, b) => a - b)];

    /// <summary>Mean loss over the last window.</summary>
    public static double AtTheEnd(double[] losses) => losses[^WindowOf(losses.Length)..].Average();

    /// <summary>Frames until a window has lost more than <see cref="HarmlessDb"/> on average; null = none does.</summary>
    public static int? FramesWithinHalfDb(double[] losses)
    {
        int window = WindowOf(losses.Length);
        double sum = 0;
        for (int i = 0; i < losses.Length; i++)
        {
            sum += losses[i] - (i >= window ? losses[i - window] : 0);
            if (i + 1 >= window && sum / window > HarmlessDb)
            {
                return i + 1;
            }
        }

        return null;
    }
}
