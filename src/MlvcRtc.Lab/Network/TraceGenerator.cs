using System.Globalization;
using System.Text;

namespace MlvcRtc.Lab.Network;

/// <summary>
/// Makes the traces that come with the lab. They are invented, not recorded: rate, delay and loss wander around means (a first-order
/// autoregression each: x' = 0.9 x + noise), and now and then a fade begins, in which the rate falls and delay and loss rise.
/// </summary>
/// <param name="Name">File name without ".trace".</param>
/// <param name="Seed">Of the generator.</param>
/// <param name="MeanKbps">Rate in ordinary times, kbit/s.</param>
/// <param name="Wander">Standard deviation of the rate's logarithm.</param>
/// <param name="DelayMs">One way, in ordinary times.</param>
/// <param name="LossPercent">In ordinary times, on average.</param>
/// <param name="FadesPerMinute">How many fades begin in a minute, on average.</param>
/// <param name="FadeMs">Length of a fade.</param>
/// <param name="FadeRate">Share of the rate that is left in a fade.</param>
/// <param name="FadeLossPercent">Added in a fade.</param>
public sealed record TraceGenerator(
    string Name, int Seed, int MeanKbps, double Wander, int DelayMs, double LossPercent, double FadesPerMinute, int FadeMs, double FadeRate, double FadeLossPercent)
{
    private const int LengthMs = 60_000, StepMs = 200;
    private const double Memory = 0.9;

    /// <summary>Those embedded in the lab.</summary>
    public static IReadOnlyList<TraceGenerator> Embedded { get; } =
    [
        new("home-wifi", Seed: 11, MeanKbps: 6000, Wander: 0.35, DelayMs: 12, LossPercent: 0.3, FadesPerMinute: 6, FadeMs: 600, FadeRate: 0.15, FadeLossPercent: 6),
        new("congested-4g", Seed: 12, MeanKbps: 1100, Wander: 0.4, DelayMs: 38, LossPercent: 0.6, FadesPerMinute: 5, FadeMs: 1000, FadeRate: 0.4, FadeLossPercent: 2),
        new("hotel", Seed: 13, MeanKbps: 900, Wander: 0.25, DelayMs: 28, LossPercent: 1.5, FadesPerMinute: 4, FadeMs: 1400, FadeRate: 0.5, FadeLossPercent: 5),
    ];

    /// <summary>The trace as text; the same on every machine.</summary>
    public string Make()
    {
        Random random = new(Seed);
        StringBuilder text = new();
        text.Append("mlvc-trace 1\n");
        text.Append("# Synthetic: made by TraceGenerator of MlvcRtc.Lab with\n");
        text.Append(Culture, $"# {ToString()}\n");
        text.Append("# time ms, rate kbit/s, one-way delay ms, loss %\n");
        double rate = 0, delay = 0, loss = 0;
        int fadeEnds = 0;
        for (int time = 0; time < LengthMs; time += StepMs)
        {
            rate = Wandering(rate, random);
            delay = Wandering(delay, random);
            loss = Wandering(loss, random);
            if (random.NextDouble() < FadesPerMinute * StepMs / 60_000 && time >= fadeEnds)
            {
                fadeEnds = time + FadeMs;
            }

            bool fades = time < fadeEnds;
            double kbps = MeanKbps * Math.Exp(Wander * rate) * (fades ? FadeRate : 1);
            double delayMs = DelayMs * (1 + (0.1 * delay)) * (fades ? 1.5 : 1);
            double percent = Math.Max(0, LossPercent * (1 + loss)) + (fades ? FadeLossPercent : 0);
            text.Append(Culture, $"{time,-6} {kbps,6:0} {Math.Max(1, delayMs),4:0} {Math.Min(100, percent):0.0}\n");
        }

        return text.Append(Culture, $"end    {LengthMs}\n").ToString();
    }

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    /// <summary>One step of an autoregression of variance 1; the noise is the sum of twelve uniform numbers less 6.</summary>
    private static double Wandering(double before, Random random)
    {
        double noise = -6;
        for (int i = 0; i < 12; i++)
        {
            noise += random.NextDouble();
        }

        return (Memory * before) + (Math.Sqrt(1 - (Memory * Memory)) * noise);
    }
}
