namespace MlvcRtc.App.Bench;

/// <summary>How an endpoint bore other programs that took every core for a while.</summary>
/// <param name="FromSecond">They began, from the first picture.</param>
/// <param name="ToSecond">They ended.</param>
/// <param name="LongestIntervalMs">Longest time without a new picture from their begin on.</param>
/// <param name="LeastShownPerSecond">Fewest pictures shown in a whole second of them.</param>
/// <param name="RecoveredAfterSeconds">From their end until pictures of the first size came at nine tenths of the asked rate again; null = never.</param>
internal sealed record OverloadReport(double FromSecond, double ToSecond, double LongestIntervalMs, int LeastShownPerSecond, double? RecoveredAfterSeconds)
{
    /// <summary>Of the asked frame rate, over a second: what counts as recovered. One in twenty pictures may be late on any machine.</summary>
    private const double Recovered = 0.9;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <param name="from">Other programs began, from the first picture.</param>
    /// <param name="to">They ended.</param>
    /// <param name="framesPerSecond">Asked.</param>
    /// <param name="shown">When pictures were shown, in order; from the first captured one.</param>
    /// <param name="shapes">What was coded from when on.</param>
    public static OverloadReport Of(TimeSpan from, TimeSpan to, int framesPerSecond, IReadOnlyList<TimeSpan> shown, IReadOnlyList<ShapeChange> shapes)
    {
        TimeSpan longest = shown.Zip(shown.Skip(1), (one, next) => next >= from ? next - one : TimeSpan.Zero).DefaultIfEmpty().Max();
        int least = Enumerable.Range(0, Math.Max((int)(to - from).TotalSeconds, 1)).Min(second => ShownIn(shown, from + (second * Second)));
        TimeSpan? back = shown
            .Where(time => time >= to && time + Second <= shown[^1] && IsFirst(shapes, time) && ShownIn(shown, time) >= Recovered * framesPerSecond)
            .Select(time => (TimeSpan?)time)
            .FirstOrDefault();
        return new(
            from.TotalSeconds,
            to.TotalSeconds,
            Math.Round(longest.TotalMilliseconds, 1),
            least,
            back is { } recovered ? Math.Round((recovered - to).TotalSeconds, 2) : null);
    }

    private static int ShownIn(IReadOnlyList<TimeSpan> shown, TimeSpan begin) => shown.Count(time => time >= begin && time < begin + Second);

    private static bool IsFirst(IReadOnlyList<ShapeChange> shapes, TimeSpan time) =>
        shapes.LastOrDefault(shape => shape.Second <= time.TotalSeconds) is not { } last || (last.Width, last.Height, last.HalfRate) == (shapes[0].Width, shapes[0].Height, shapes[0].HalfRate);
}
