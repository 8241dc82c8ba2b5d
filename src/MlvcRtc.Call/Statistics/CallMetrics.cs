using System.Diagnostics;
using System.Diagnostics.Metrics;
using MlvcRtc.Call.Tracing;

namespace MlvcRtc.Call.Statistics;

/// <summary>
/// What all calls of the process together do, as <see cref="System.Diagnostics.Metrics"/> named after the conventions of OpenTelemetry: dots and lower case, seconds, units in braces for things counted. Costs
/// a comparison where nobody listens. Watch it by <c>dotnet-counters monitor --counters MlvcRtc.Call</c>.
/// </summary>
internal static class CallMetrics
{
    public const string Name = "MlvcRtc.Call";

    private static readonly Meter Meter = new(Name);
    private static readonly KeyValuePair<string, object?> Sent = new("network.io.direction", "transmit");
    private static readonly KeyValuePair<string, object?> Received = new("network.io.direction", "receive");

    private static readonly KeyValuePair<string, object?>[] Outcomes =
        [.. Enum.GetNames<FrameDrop>().Select(name => new KeyValuePair<string, object?>("mlvcrtc.frame.drop", name.ToLowerInvariant()))];

    private static readonly Counter<long> Frames =
        Meter.CreateCounter<long>("mlvcrtc.video.frames", "{frame}", "Frames coded and decoded; those dropped by reason.");

    private static readonly Histogram<double> EncodeDuration = Meter.CreateHistogram<double>("mlvcrtc.video.encode.duration", "s", "One frame, scaling included.");
    private static readonly Histogram<double> DecodeDuration = Meter.CreateHistogram<double>("mlvcrtc.video.decode.duration", "s", "One frame.");
    private static readonly Histogram<double> PacingDelay = Meter.CreateHistogram<double>("mlvcrtc.video.pacing.delay", "s", "Departure of a packet after the time that the pacer named.");
    private static readonly Counter<long> DeadlineMisses = Meter.CreateCounter<long>("mlvcrtc.video.deadline.misses", "{miss}", "Frames coded or decoded later than they should.");

    /// <summary>Spans "encode" and "decode", one per frame, for whoever listens.</summary>
    public static ActivitySource Activities { get; } = new(Name);

    public static void Encoded(TimeSpan duration, bool late)
    {
        Frames.Add(1, Sent, Outcomes[(int)FrameDrop.None]);
        EncodeDuration.Record(duration.TotalSeconds);
        CountMiss(Sent, late);
    }

    public static void Decoded(TimeSpan duration, bool late)
    {
        Frames.Add(1, Received, Outcomes[(int)FrameDrop.None]);
        DecodeDuration.Record(duration.TotalSeconds);
        CountMiss(Received, late);
    }

    public static void NotSent(FrameDrop reason) => Frames.Add(1, Sent, Outcomes[(int)reason]);

    public static void NotShown(FrameDrop reason, long count = 1) => Frames.Add(count, Received, Outcomes[(int)reason]);

    public static void Departed(TimeSpan late) => PacingDelay.Record(late.TotalSeconds);

    private static void CountMiss(KeyValuePair<string, object?> direction, bool late)
    {
        if (late)
        {
            DeadlineMisses.Add(1, direction);
        }
    }
}
