namespace MlvcRtc.Media.Pixels;

/// <summary>
/// How each output sample along one axis is mixed from input samples: a triangle around the output sample's centre, one input sample wide to each
/// side when enlarging (bilinear), one output sample wide when reducing, so that every input sample counts and nothing aliases.
/// </summary>
internal sealed class AxisFilter
{
    /// <summary>The weights of one output sample add up to 2^14: with 16-bit samples a sum stays below 2^31.</summary>
    public const int WeightBits = 14;

    private readonly int[] _starts;
    private readonly int[] _weights;

    /// <param name="inputLength">Input samples, ≥ 1.</param>
    /// <param name="outputLength">Output samples, ≥ 1.</param>
    public AxisFilter(int inputLength, int outputLength)
    {
        InputLength = inputLength;
        OutputLength = outputLength;
        double scale = (double)inputLength / outputLength;
        double reach = Math.Max(1, scale);
        Taps = int.Min(inputLength, (int)Math.Ceiling(2 * reach) + 1);
        _starts = new int[outputLength];
        _weights = new int[outputLength * Taps];
        double[] triangle = new double[Taps];
        for (int output = 0; output < outputLength; output++)
        {
            double centre = (output + 0.5) * scale - 0.5;
            int start = int.Clamp((int)Math.Floor(centre - reach) + 1, 0, inputLength - Taps);
            for (int tap = 0; tap < Taps; tap++)
            {
                triangle[tap] = Math.Max(0, 1 - Math.Abs(start + tap - centre) / reach);
            }

            _starts[output] = start;
            Quantize(triangle, _weights.AsSpan(output * Taps, Taps));
        }
    }

    public int InputLength { get; }

    public int OutputLength { get; }

    /// <summary>Input samples per output sample.</summary>
    public int Taps { get; }

    /// <summary>First input sample of an output sample.</summary>
    public int StartOf(int output) => _starts[output];

    /// <summary>[Taps], adding up to 2^14.</summary>
    public ReadOnlySpan<int> WeightsOf(int output) => _weights.AsSpan(output * Taps, Taps);

    /// <summary>[OutputLength, Taps]</summary>
    public ReadOnlySpan<int> AllWeights => _weights;

    public ReadOnlySpan<int> AllStarts => _starts;

    /// <summary>Rounds to integers; the heaviest tap takes what rounding left over, so that a flat picture stays flat.</summary>
    private static void Quantize(ReadOnlySpan<double> triangle, Span<int> weights)
    {
        double sum = 0;
        foreach (double weight in triangle)
        {
            sum += weight;
        }

        int left = 1 << WeightBits;
        int heaviest = 0;
        for (int tap = 0; tap < weights.Length; tap++)
        {
            weights[tap] = (int)Math.Round(triangle[tap] / sum * (1 << WeightBits));
            left -= weights[tap];
            heaviest = weights[tap] > weights[heaviest] ? tap : heaviest;
        }

        weights[heaviest] += left;
    }
}
