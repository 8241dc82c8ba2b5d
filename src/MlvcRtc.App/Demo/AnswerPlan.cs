using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Demo;

/// <summary>What B sends: as large as A where the machine carries both, else a small picture, so that A's video does not stall.</summary>
/// <param name="Size">Picture size.</param>
/// <param name="Rate">Pictures per second; null keeps the clip's own.</param>
/// <param name="KbpsShare">Of A's rate.</param>
internal sealed record AnswerPlan(PictureSize Size, FrameRate? Rate, double KbpsShare)
{
    /// <summary>
    /// Luma samples per second and core that a call with equal directions may have. Encoding and decoding a 640x384 picture with both at once costs 55 ms on an
    /// idle two-core EPYC (xs graphs, fp32), so 360x288 at 24 pictures a second (coded as 384x288; 1.24 M shown samples per core) both ways keeps two cores 60 %
    /// busy, and this bound 75 %.
    /// </summary>
    private const double SamplesPerSecondAndCore = 1_500_000;

    /// <summary>Side of the small answer; the smallest model covers it.</summary>
    private const int SmallWidth = 320;

    private const int SmallHeight = 180;

    private static readonly FrameRate SmallRate = new(12, 1);

    /// <param name="size">A's pictures.</param>
    /// <param name="rate">A's rate.</param>
    /// <param name="cores">Logical processors.</param>
    public static AnswerPlan For(PictureSize size, FrameRate rate, int cores)
    {
        if (size.Width * size.Height * rate.PerSecond <= SamplesPerSecondAndCore * cores)
        {
            return new(size, Rate: null, KbpsShare: 1);
        }

        double scale = Math.Min(1, Math.Min((double)SmallWidth / size.Width, (double)SmallHeight / size.Height));
        PictureSize small = new PictureSize((int)(size.Width * scale), (int)(size.Height * scale)).FlooredToEven;
        return new(new(Math.Max(small.Width, PictureSize.SmallestSide), Math.Max(small.Height, PictureSize.SmallestSide)), SmallRate, KbpsShare: 0.25);
    }
}
