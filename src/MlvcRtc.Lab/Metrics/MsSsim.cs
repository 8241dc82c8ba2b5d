using System.Numerics;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Metrics;

/// <summary>
/// Multi-scale structural similarity of luma (Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multi-scale structural similarity for image quality assessment", Asilomar 2003):
/// five scales, each half the last by 2x2 means; 11x11 Gaussian window of σ 1.5 where it lies inside the picture. Keeps its buffers; one thread at a time.
/// </summary>
public sealed class MsSsim
{
    private const int Taps = 11;
    private const double Sigma = 1.5;

    // (0.01 · 255)², (0.03 · 255)²: Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004, §III.C.
    private const float C1 = 6.5025f;
    private const float C2 = 58.5225f;

    /// <summary>Taken off every sample: variances do not change, and single precision loses less of them (E[x²] - E[x]² of flat areas).</summary>
    private const float Middle = 128;

    /// <summary>Exponents of the scales, finest first; fitted to viewers' choices in the paper, §3.2.</summary>
    private static readonly double[] Weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

    private static readonly float[] Window = MakeWindow();

    // Filtered are both pictures, their squares and their product.
    private float[] _left = [];
    private float[] _right = [];
    private float[][] _rows = [];
    private float[] _filtered = [];

    /// <summary>Shortest side of a picture whose coarsest scale still holds a window: 11 · 2^4.</summary>
    public static int ShortestSide => Taps << (Weights.Length - 1);

    /// <summary>Similarity as decibels, -10·log10(1 - similarity), at most 100: even steps for what viewers see, as BD-rates need.</summary>
    public static double ToDb(double similarity) => Math.Min(100, -10 * Math.Log10(Math.Max(1e-10, 1 - similarity)));

    /// <summary>1 for equal pictures, towards 0 for unlike ones.</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a side is shorter than <see cref="ShortestSide"/>.</exception>
    public double Compare(VideoFrame picture, VideoFrame reference)
    {
        (int width, int height) = Load(picture, reference);
        if (Math.Min(width, height) < ShortestSide)
        {
            throw new ArgumentException($"Five scales need sides of at least {ShortestSide}; the picture is {width}x{height}.", nameof(picture));
        }

        double product = 1;
        for (int scale = 0; ; scale++)
        {
            (double similarity, double structure) = OneScale(width, height);
            bool coarsest = scale == Weights.Length - 1;

            // A negative mean (an inverted picture) has no real power.
            product *= Math.Pow(Math.Max(0, coarsest ? similarity : structure), Weights[scale]);
            if (coarsest)
            {
                return product;
            }

            (width, height) = Halve(_left, _right, width, height);
        }
    }

    /// <summary>Structural similarity of the finest scale alone (Wang et al. 2004).</summary>
    /// <exception cref="ArgumentException">The sizes differ, or a side is shorter than the window of 11.</exception>
    public double CompareOneScale(VideoFrame picture, VideoFrame reference)
    {
        (int width, int height) = Load(picture, reference);
        return Math.Min(width, height) >= Taps
            ? OneScale(width, height).Similarity
            : throw new ArgumentException($"The window needs sides of at least {Taps}; the picture is {width}x{height}.", nameof(picture));
    }

    private static float[] MakeWindow()
    {
        double[] weights = [.. Enumerable.Range(0, Taps).Select(i => Math.Exp(-Math.Pow(i - (Taps / 2), 2) / (2 * Sigma * Sigma)))];
        return [.. weights.Select(weight => (float)(weight / weights.Sum()))];
    }

    private (int Width, int Height) Load(VideoFrame picture, VideoFrame reference)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(reference);
        if (picture.Width != reference.Width || picture.Height != reference.Height)
        {
            throw new ArgumentException($"Cannot compare {picture.Width}x{picture.Height} with {reference.Width}x{reference.Height}.", nameof(picture));
        }

        int area = picture.Width * picture.Height;
        if (_left.Length < area)
        {
            (_left, _right) = (new float[area], new float[area]);
        }

        Span<byte> left = picture.Y, right = reference.Y;
        for (int i = 0; i < area; i++)
        {
            (_left[i], _right[i]) = (left[i] - Middle, right[i] - Middle);
        }

        return (picture.Width, picture.Height);
    }

    /// <summary>Means over the picture of similarity (luminance · structure) and of structure (with contrast) alone.</summary>
    private (double Similarity, double Structure) OneScale(int width, int height)
    {
        int outWidth = width - Taps + 1, outHeight = height - Taps + 1;
        if (_filtered.Length < 5 * width)
        {
            _filtered = new float[5 * width];
            _rows = [.. Enumerable.Range(0, 5).Select(_ => new float[width])];
        }

        double similarity = 0, structure = 0;
        for (int y = 0; y < outHeight; y++)
        {
            FilterColumns(width, y);
            for (int plane = 0; plane < 5; plane++)
            {
                FilterRow(_rows[plane], _filtered.AsSpan(plane * width, outWidth));
            }

            (double rowSimilarity, double rowStructure) = SumRow(width, outWidth);
            similarity += rowSimilarity;
            structure += rowStructure;
        }

        double count = (double)outWidth * outHeight;
        return (similarity / count, structure / count);
    }

    /// <summary>Window down the columns of both pictures, their squares and their product, at row <paramref name="y"/>.</summary>
    private void FilterColumns(int width, int y)
    {
        Span<float> a = _rows[0], b = _rows[1], aa = _rows[2], bb = _rows[3], ab = _rows[4];
        int lanes = Vector<float>.Count;
        int x = 0;
        for (; x <= width - lanes; x += lanes)
        {
            Vector<float> sa = default, sb = default, saa = default, sbb = default, sab = default;
            for (int tap = 0; tap < Taps; tap++)
            {
                int at = ((y + tap) * width) + x;
                Vector<float> left = new(_left, at), right = new(_right, at);
                Vector<float> weightedLeft = left * Window[tap], weightedRight = right * Window[tap];
                sa += weightedLeft;
                sb += weightedRight;
                saa += weightedLeft * left;
                sbb += weightedRight * right;
                sab += weightedLeft * right;
            }

            sa.CopyTo(a[x..]);
            sb.CopyTo(b[x..]);
            saa.CopyTo(aa[x..]);
            sbb.CopyTo(bb[x..]);
            sab.CopyTo(ab[x..]);
        }

        for (; x < width; x++)
        {
            (a[x], b[x], aa[x], bb[x], ab[x]) = (0, 0, 0, 0, 0);
            for (int tap = 0; tap < Taps; tap++)
            {
                float left = _left[((y + tap) * width) + x], right = _right[((y + tap) * width) + x], weight = Window[tap];
                a[x] += weight * left;
                b[x] += weight * right;
                aa[x] += weight * left * left;
                bb[x] += weight * right * right;
                ab[x] += weight * left * right;
            }
        }
    }

    private static void FilterRow(float[] row, Span<float> filtered)
    {
        int lanes = Vector<float>.Count;
        int x = 0;
        for (; x <= filtered.Length - lanes; x += lanes)
        {
            Vector<float> sum = default;
            for (int tap = 0; tap < Taps; tap++)
            {
                sum += new Vector<float>(row, x + tap) * Window[tap];
            }

            sum.CopyTo(filtered[x..]);
        }

        for (; x < filtered.Length; x++)
        {
            float sum = 0;
            for (int tap = 0; tap < Taps; tap++)
            {
                sum += row[x + tap] * Window[tap];
            }

            filtered[x] = sum;
        }
    }

    private (double Similarity, double Structure) SumRow(int width, int outWidth)
    {
        ReadOnlySpan<float> a = _filtered.AsSpan(0, outWidth), b = _filtered.AsSpan(width, outWidth), aa = _filtered.AsSpan(2 * width, outWidth);
        ReadOnlySpan<float> bb = _filtered.AsSpan(3 * width, outWidth), ab = _filtered.AsSpan(4 * width, outWidth);
        double similarity = 0, structure = 0;
        for (int x = 0; x < outWidth; x++)
        {
            float covariance = ab[x] - (a[x] * b[x]), variances = aa[x] - (a[x] * a[x]) + bb[x] - (b[x] * b[x]);
            float contrastStructure = ((2 * covariance) + C2) / (variances + C2);
            float left = a[x] + Middle, right = b[x] + Middle;
            structure += contrastStructure;
            similarity += contrastStructure * ((2 * left * right) + C1) / ((left * left) + (right * right) + C1);
        }

        return (similarity, structure);
    }

    /// <summary>2x2 means in place; an odd last row or column is dropped.</summary>
    private static (int Width, int Height) Halve(float[] left, float[] right, int width, int height)
    {
        (int halfWidth, int halfHeight) = (width / 2, height / 2);
        foreach (float[] plane in (ReadOnlySpan<float[]>)[left, right])
        {
            for (int y = 0; y < halfHeight; y++)
            {
                for (int x = 0; x < halfWidth; x++)
                {
                    // The target lies at or before the sources: nothing is overwritten that is still read.
                    int at = (2 * y * width) + (2 * x);
                    plane[(y * halfWidth) + x] = (plane[at] + plane[at + 1] + plane[at + width] + plane[at + width + 1]) / 4;
                }
            }
        }

        return (halfWidth, halfHeight);
    }
}
