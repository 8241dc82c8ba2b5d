using System.Globalization;

namespace MlvcRtc.Lab.Network;

/// <summary>One line of a trace: what held from an instant on.</summary>
/// <param name="TimeMs">Since the start of the trace.</param>
/// <param name="RateKbps">kbit/s of the bottleneck; 0 = nothing gets through.</param>
/// <param name="DelayMs">One way, without queueing.</param>
/// <param name="LossPercent">0..100, at random.</param>
public readonly record struct TracePoint(int TimeMs, int RateKbps, int DelayMs, double LossPercent);

/// <summary>
/// A network as it was recorded, in a text format of our own:
/// <code>
/// mlvc-trace 1                                       first line: format and its version
/// # anything                                         comments and empty lines are passed over
/// 0      4200  18  0.5                               time ms, rate kbit/s, one-way delay ms, loss %; times rise, the first is 0
/// 200    3900  19  0
/// end    60000                                       last line: length in ms; the trace begins anew there
/// </code>
/// </summary>
public sealed class LinkTrace
{
    private const string Head = "mlvc-trace 1";

    /// <summary>An hour of a point every 10 ms.</summary>
    private const int MaxPoints = 360_000;

    private LinkTrace(IReadOnlyList<TracePoint> points, int lengthMs) => (Points, LengthMs) = (points, lengthMs);

    public IReadOnlyList<TracePoint> Points { get; }

    /// <summary>The trace begins anew after this.</summary>
    public int LengthMs { get; }

    /// <summary>Reads the text form.</summary>
    /// <exception cref="InvalidDataException">It is not in the format; the message names the line and the rule.</exception>
    public static LinkTrace Parse(TextReader text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.ReadLine()?.Trim() != Head)
        {
            throw new InvalidDataException($"A trace begins with the line '{Head}'.");
        }

        List<TracePoint> points = [];
        for (int number = 2; text.ReadLine() is { } line; number++)
        {
            string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0 || fields[0].StartsWith('#'))
            {
                continue;
            }

            if (fields[0] == "end")
            {
                return End(points, fields, number);
            }

            points.Add(ReadPoint(points, fields, number));
        }

        throw new InvalidDataException("A trace ends with a line 'end LENGTH_MS'.");
    }

    /// <summary>One of the traces that come with the lab: synthetic, made by <see cref="TraceGenerator"/>.</summary>
    public static LinkTrace Embedded(string name)
    {
        using Stream stream = typeof(LinkTrace).Assembly.GetManifestResourceStream($"traces/{name}.trace")
            ?? throw new ArgumentException($"The lab has no trace '{name}'.", nameof(name));
        using StreamReader reader = new(stream);
        return Parse(reader);
    }

    /// <summary>The trace as conditions of a link.</summary>
    /// <param name="common">What the trace does not say: jitter, queue, reordering, duplication.</param>
    public LinkSchedule ToSchedule(LinkConditions common)
    {
        ArgumentNullException.ThrowIfNull(common);
        return new LinkSchedule(
            Points.Select(point => new LinkStep(TimeSpan.FromMilliseconds(point.TimeMs), common with
            {
                RateKbps = point.RateKbps,
                Delay = TimeSpan.FromMilliseconds(point.DelayMs),
                Loss = new BernoulliLoss(point.RateKbps == 0 ? 100 : point.LossPercent),
            })),
            TimeSpan.FromMilliseconds(LengthMs));
    }

    private static LinkTrace End(List<TracePoint> points, string[] fields, int number) =>
        points.Count > 0 && fields.Length == 2 && TryWhole(fields[1], out int length) && length > points[^1].TimeMs
            ? new LinkTrace(points, length)
            : throw new InvalidDataException($"Line {number}: 'end' is followed by the length in ms, after the last point.");

    private static TracePoint ReadPoint(List<TracePoint> points, string[] fields, int number)
    {
        if (fields.Length != 4
            || !TryWhole(fields[0], out int time)
            || !TryWhole(fields[1], out int rate)
            || !TryWhole(fields[2], out int delay)
            || !double.TryParse(fields[3], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double loss)
            || loss > 100)
        {
            throw new InvalidDataException($"Line {number}: expected time ms, rate kbit/s, delay ms (whole numbers) and loss % (0..100).");
        }

        if (points.Count == MaxPoints)
        {
            throw new InvalidDataException($"Line {number}: a trace has at most {MaxPoints} points.");
        }

        return (points.Count == 0 && time == 0) || (points.Count > 0 && time > points[^1].TimeMs)
            ? new TracePoint(time, rate, delay, loss)
            : throw new InvalidDataException($"Line {number}: times begin at 0 and rise.");
    }

    private static bool TryWhole(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
