namespace MlvcRtc.App.LossLab;

/// <summary>
/// Two ways of coding compared at equal PSNR: the mean difference of ln(rate) over the PSNRs that both reach, straight lines between the measured points. (Bjøntegaard's figure, VCEG-M33, fits a
/// cubic through four points instead; with three the line is the safer guess.)
/// </summary>
internal static class EqualQuality
{
    /// <summary>Points at which the lines are compared.</summary>
    private const int Steps = 32;

    /// <returns>How many more bits <paramref name="other"/> takes than <paramref name="plain"/>, percent; null = no PSNR is reached by both.</returns>
    public static double? MoreBitsPercent(IReadOnlyList<PredictionTrial> plain, IReadOnlyList<PredictionTrial> other)
    {
        (double Psnr, double LogBytes)[] one = Points(plain), two = Points(other);
        double from = Math.Max(one[0].Psnr, two[0].Psnr), to = Math.Min(one[^1].Psnr, two[^1].Psnr);
        if (from >= to)
        {
            return null;
        }

        double sum = 0;
        for (int step = 0; step <= Steps; step++)
        {
            double psnr = from + ((to - from) * step / Steps);
            sum += At(two, psnr) - At(one, psnr);
        }

        return 100 * (Math.Exp(sum / (Steps + 1)) - 1);
    }

    private static (double Psnr, double LogBytes)[] Points(IReadOnlyList<PredictionTrial> trials) =>
        [.. trials.Select(trial => (trial.MeanPsnrDb, Math.Log(trial.Bytes.Sum()))).OrderBy(point => point.MeanPsnrDb)];

    private static double At((double Psnr, double LogBytes)[] points, double psnr)
    {
        int above = Math.Max(1, Array.FindIndex(points, point => point.Psnr >= psnr));
        (double Psnr, double LogBytes) low = points[above - 1], high = points[above];
        return low.LogBytes + ((high.LogBytes - low.LogBytes) * (psnr - low.Psnr) / (high.Psnr - low.Psnr));
    }
}
