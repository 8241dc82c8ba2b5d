using MlvcRtc.Media;

namespace MlvcRtc.Lab.Metrics;

/// <summary>Peak signal-to-noise ratio of one picture against another, dB; 100 dB stands for equal planes.</summary>
public readonly record struct Psnr(double Y, double U, double V)
{
    /// <summary>Equal planes have no finite ratio; means need one.</summary>
    public const double EqualDb = 100;

    /// <summary>(6·Y + U + V) / 8, the weighting of the published model's figures.</summary>
    public double Weighted611 => ((6 * Y) + U + V) / 8;

    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static Psnr Compare(VideoFrame picture, VideoFrame reference)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(reference);
        if (picture.Width != reference.Width || picture.Height != reference.Height)
        {
            throw new ArgumentException($"Cannot compare {picture.Width}x{picture.Height} with {reference.Width}x{reference.Height}.", nameof(picture));
        }

        return new Psnr(Plane(picture.Y, reference.Y), Plane(picture.U, reference.U), Plane(picture.V, reference.V));
    }

    /// <summary>10·log10(255² / mean squared error), at most <see cref="EqualDb"/>.</summary>
    public static double Plane(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> reference)
    {
        long squares = 0;
        reference = reference[..samples.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            int difference = samples[i] - reference[i];
            squares += difference * difference;
        }

        return squares == 0 ? EqualDb : Math.Min(EqualDb, 10 * Math.Log10(255.0 * 255.0 * samples.Length / squares));
    }
}
