namespace MlvcRtc.Lab.RateDistortion;

/// <summary>
/// Piecewise cubic Hermite interpolation that keeps the shape of its points: rising points give a rising curve, and nothing overshoots. Slopes after F. N. Fritsch and
/// J. Butland, "A method for constructing local monotone piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 5 (1984), three-point end slopes as in
/// C. Moler, "Numerical Computing with MATLAB", §3.6: what the spreadsheets of JCT-VC and JVET call pchip.
/// </summary>
public sealed class MonotoneCubic
{
    private readonly double[] _x;
    private readonly double[] _y;
    private readonly double[] _slopes;

    /// <param name="x">At least two, rising.</param>
    /// <param name="y">As many.</param>
    /// <exception cref="ArgumentException">Too few points, or x does not rise.</exception>
    public MonotoneCubic(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Count < 2 || x.Count != y.Count || Enumerable.Range(1, x.Count - 1).Any(i => !(x[i] > x[i - 1])))
        {
            throw new ArgumentException($"An interpolant needs at least two points with rising x and as many y; these are {x.Count} and {y.Count}.", nameof(x));
        }

        (_x, _y) = ([.. x], [.. y]);
        _slopes = Slopes();
    }

    /// <summary>First x.</summary>
    public double Low => _x[0];

    /// <summary>Last x.</summary>
    public double High => _x[^1];

    /// <summary>The curve's value; beyond the ends that of the end.</summary>
    public double At(double x)
    {
        x = Math.Clamp(x, Low, High);
        int i = IntervalOf(x);
        double h = _x[i + 1] - _x[i];
        double t = (x - _x[i]) / h;

        // Hermite basis on [0, 1].
        double s = 1 - t;
        return (((1 + (2 * t)) * s * s) * _y[i]) + (t * s * s * h * _slopes[i]) + ((3 - (2 * t)) * t * t * _y[i + 1]) - (t * t * s * h * _slopes[i + 1]);
    }

    /// <summary>The area under the curve from <paramref name="from"/> to <paramref name="to"/>, both within its ends; exact.</summary>
    public double Integral(double from, double to)
    {
        double sum = 0;
        for (int i = 0; i + 1 < _x.Length; i++)
        {
            double left = Math.Max(from, _x[i]), right = Math.Min(to, _x[i + 1]);
            if (right > left)
            {
                // Simpson's rule is exact for cubics.
                sum += (right - left) / 6 * (At(left) + (4 * At((left + right) / 2)) + At(right));
            }
        }

        return sum;
    }

    private int IntervalOf(double x)
    {
        int found = Array.BinarySearch(_x, x);
        return Math.Clamp(found >= 0 ? found : ~found - 1, 0, _x.Length - 2);
    }

    private double[] Slopes()
    {
        int last = _x.Length - 1;
        double[] h = [.. Enumerable.Range(0, last).Select(i => _x[i + 1] - _x[i])];
        double[] chords = [.. Enumerable.Range(0, last).Select(i => (_y[i + 1] - _y[i]) / h[i])];
        if (last == 1)
        {
            return [chords[0], chords[0]];
        }

        double[] slopes = new double[_x.Length];
        for (int i = 1; i < last; i++)
        {
            // Harmonic mean of the neighbouring chords, weighted by the lengths of the intervals; flat where they turn.
            (double w1, double w2) = ((2 * h[i]) + h[i - 1], h[i] + (2 * h[i - 1]));
            slopes[i] = chords[i - 1] * chords[i] <= 0 ? 0 : (w1 + w2) / ((w1 / chords[i - 1]) + (w2 / chords[i]));
        }

        slopes[0] = EndSlope(h[0], h[1], chords[0], chords[1]);
        slopes[last] = EndSlope(h[last - 1], h[last - 2], chords[last - 1], chords[last - 2]);
        return slopes;
    }

    /// <summary>The slope of the parabola through the three outer points, unless that would leave the shape.</summary>
    private static double EndSlope(double h0, double h1, double chord0, double chord1)
    {
        double slope = ((((2 * h0) + h1) * chord0) - (h0 * chord1)) / (h0 + h1);
        return Math.Sign(slope) != Math.Sign(chord0) ? 0
            : Math.Sign(chord0) != Math.Sign(chord1) && Math.Abs(slope) > Math.Abs(3 * chord0) ? 3 * chord0
            : slope;
    }
}
