using System.Text.Json;
using System.Text.Json.Serialization;
using MlvcRtc.Lab.Drawing;

namespace MlvcRtc.App.Tracing;

/// <summary>Draws a part of a trace file: what Perfetto shows of it, for documents.</summary>
internal static class TracePicture
{
    private const string Missed = "deadline missed", MissedColour = "#d62728", DropColour = "#7f3fbf";

    private static readonly JsonSerializerOptions Style = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Neighbouring frames differ in colour, and a frame has the same one on all lanes.</summary>
    private static readonly string[] FrameColours = ["#1f77b4", "#2ca02c", "#e08214", "#8c564b", "#17a2b8"];

    /// <param name="json">As 'call --trace' writes it.</param>
    /// <param name="from">From the first event.</param>
    /// <exception cref="InvalidDataException">It is no trace of this program.</exception>
    public static RgbImage Draw(string json, TimeSpan from, TimeSpan length)
    {
        List<TraceEvent> events;
        try
        {
            events = JsonSerializer.Deserialize<TraceDocument>(json, Style)?.TraceEvents ?? [];
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"Not a trace file: {broken.Message}", broken);
        }

        if (!events.Any(one => one.Ph == "X"))
        {
            throw new InvalidDataException("The trace holds no frame.");
        }

        double begin = (events.Where(one => one.Ph == "X").Min(one => one.Ts) / 1000) + from.TotalMilliseconds;
        List<Lane> lanes = [];
        foreach (TraceEvent process in events.Where(one => one.Name == "process_name"))
        {
            string? heading = process.Args?.Name;
            foreach (TraceEvent thread in events.Where(one => one.Name == "thread_name" && one.Pid == process.Pid).OrderBy(one => one.Tid))
            {
                List<TraceEvent> here = [.. events.Where(one => (one.Pid, one.Tid) == (thread.Pid, thread.Tid))];
                lanes.Add(new(
                    thread.Args?.Name ?? string.Empty,
                    [.. here.Where(one => one.Ph == "X").Select(Bar)],
                    [.. here.Where(one => one.Ph == "i").Select(one => new LaneMark(one.Ts / 1000, one.Name == Missed ? MissedColour : DropColour))],
                    heading));
                heading = null;
            }
        }

        LaneChart chart = new(
            "Frames of a call, lane by lane", lanes, begin, begin + length.TotalMilliseconds, [("deadline missed", MissedColour), ("dropped or lost", DropColour)]);
        return chart.ToImage();
    }

    private static LaneBar Bar(TraceEvent slice)
    {
        int frame = slice.Args?.Frame ?? 0;
        return new(slice.Ts / 1000, (slice.Ts + slice.Dur) / 1000, $"{frame}", FrameColours[frame % FrameColours.Length]);
    }

    private sealed record TraceDocument(List<TraceEvent> TraceEvents);

    /// <summary>Names of the Trace Event Format.</summary>
    private sealed record TraceEvent(string Ph, string Name, int Pid, int Tid, double Ts, double Dur, TraceArguments? Args);

    private sealed record TraceArguments(string? Name, int? Frame, [property: JsonPropertyName("left_until_deadline_ms")] double? LeftUntilDeadlineMs);
}
