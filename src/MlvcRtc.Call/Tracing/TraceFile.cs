using System.Text.Json;

namespace MlvcRtc.Call.Tracing;

/// <summary>
/// Writes a <see cref="FrameTrace"/> in the Trace Event Format (JSON), which ui.perfetto.dev and chrome://tracing open. A track is a process there, a lane a thread; slices are frames,
/// arrows follow a frame from lane to lane, instants are drops and missed deadlines.
/// </summary>
public static class TraceFile
{
    private const double TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    private static readonly string[] LaneNames =
        ["capture", "encode", "encode: motion", "encode: network", "encode: entropy", "pace", "receive", "decode", "decode: entropy", "decode: motion", "decode: network", "present"];

    private static readonly string[] DropNames =
    [
        "", "dropped: a newer picture came", "skipped: the pacer is behind", "skipped: no bits left", "left out: half the frame rate", "dropped: too many packets", "lost on the way",
        "dropped: the decoder is behind", "not decodable", "not shown: a newer picture was due",
        "skipped: no time left",
    ];

    /// <summary>Nobody may be recording.</summary>
    public static void Write(FrameTrace trace, Stream file)
    {
        ArgumentNullException.ThrowIfNull(trace);
        TraceRecord[] records = trace.Sorted();
        using Utf8JsonWriter json = new(file);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartObject("otherData");
        json.WriteNumber("overwritten_records", trace.Overwritten);
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        WriteNames(json, trace, records);
        Dictionary<(int Track, int Frame), int> steps = records.Where(IsSpan).GroupBy(Key).ToDictionary(frame => frame.Key, frame => frame.Count());
        Dictionary<(int Track, int Frame), int> done = [];
        foreach (TraceRecord record in Disjoint(records).OrderBy(record => record.Begin))
        {
            if (!IsSpan(record))
            {
                WriteInstant(json, record, DropNames[(int)record.Drop], record.Begin);
                continue;
            }

            WriteSlice(json, record);
            int step = done[Key(record)] = done.GetValueOrDefault(Key(record)) + 1;
            WriteArrow(json, record, step == 1 ? "s" : step == steps[Key(record)] ? "f" : "t");
            if (record.Late)
            {
                WriteInstant(json, record, "deadline missed", record.Deadline);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool IsSpan(TraceRecord record) => record.Drop == FrameDrop.None;

    private static (int Track, int Frame) Key(TraceRecord record) => (record.Track, record.Frame);

    /// <summary>Slices of one thread must not overlap: where several frames wait, each is drawn from the end of the one before.</summary>
    private static IEnumerable<TraceRecord> Disjoint(TraceRecord[] records)
    {
        (int Track, TraceLane Lane)? row = null;
        TimeSpan free = TimeSpan.MinValue;
        foreach (TraceRecord record in records)
        {
            if (row != (record.Track, record.Lane))
            {
                (row, free) = ((record.Track, record.Lane), TimeSpan.MinValue);
            }

            if (!IsSpan(record))
            {
                yield return record;
                continue;
            }

            yield return record with { Begin = record.Begin < free ? free : record.Begin };
            free = record.End;
        }
    }

    private static void WriteNames(Utf8JsonWriter json, FrameTrace trace, TraceRecord[] records)
    {
        for (int track = 0; track < trace.Tracks.Count; track++)
        {
            WriteName(json, "process_name", track, lane: null, trace.Tracks[track]);
        }

        foreach ((int track, TraceLane lane) in records.Select(record => (record.Track, record.Lane)).Distinct())
        {
            WriteName(json, "thread_name", track, lane, LaneNames[(int)lane]);
            Begin(json, "M", "thread_sort_index", track, lane);
            json.WriteStartObject("args");
            json.WriteNumber("sort_index", (int)lane);
            End(json);
        }
    }

    private static void WriteName(Utf8JsonWriter json, string what, int track, TraceLane? lane, string name)
    {
        Begin(json, "M", what, track, lane);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        End(json);
    }

    private static void WriteSlice(Utf8JsonWriter json, TraceRecord record)
    {
        Begin(json, "X", $"frame {record.Frame}", record.Track, record.Lane);
        json.WriteNumber("ts", record.Begin.Ticks / TicksPerMicrosecond);
        json.WriteNumber("dur", (record.End - record.Begin).Ticks / TicksPerMicrosecond);
        json.WriteStartObject("args");
        json.WriteNumber("frame", record.Frame);
        if (record.Deadline != TimeSpan.MaxValue)
        {
            json.WriteNumber("left_until_deadline_ms", Math.Round((record.Deadline - record.End).TotalMilliseconds, 3));
        }

        End(json);
    }

    private static void WriteInstant(Utf8JsonWriter json, TraceRecord record, string name, TimeSpan at)
    {
        Begin(json, "i", name, record.Track, record.Lane);
        json.WriteString("s", "t");
        json.WriteNumber("ts", at.Ticks / TicksPerMicrosecond);
        json.WriteStartObject("args");
        if (record.Frame >= 0)
        {
            json.WriteNumber("frame", record.Frame);
        }

        End(json);
    }

    private static void WriteArrow(Utf8JsonWriter json, TraceRecord record, string phase)
    {
        Begin(json, phase, "frame", record.Track, record.Lane);
        json.WriteString("cat", "frame");
        json.WriteNumber("id", (record.Track << 16) | record.Frame);
        json.WriteNumber("ts", record.Begin.Ticks / TicksPerMicrosecond);
        if (phase == "f")
        {
            json.WriteString("bp", "e");
        }

        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string phase, string name, int track, TraceLane? lane)
    {
        json.WriteStartObject();
        json.WriteString("ph", phase);
        json.WriteString("name", name);
        json.WriteNumber("pid", track + 1);
        if (lane is { } row)
        {
            json.WriteNumber("tid", (int)row + 1);
        }
    }

    /// <summary>Closes "args" and the event.</summary>
    private static void End(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
