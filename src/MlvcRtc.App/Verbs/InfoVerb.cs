using System.CommandLine;
using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Streams;
using MlvcRtc.Codec.Bitstream;

namespace MlvcRtc.App.Verbs;

/// <summary>'info': what a stream says about itself, frame by frame, without a model.</summary>
internal static class InfoVerb
{
    private const string Summary = "Print every header field of an .mlvc stream, frame by frame.";

    private const string Details = """
        Needs no model.

        Examples:
          mlvcrtc info talk.mlvc
          mlvcrtc info talk.mlvc --json talk-headers.json
        """;

    public static Command Create(Surroundings surroundings)
    {
        Argument<string> input = new("FILE") { Description = "An .mlvc stream." };
        Option<string?> json = SharedOptions.Json();
        ExplainedCommand command = new("info", Summary, Details) { input, json };
        command.Runs(surroundings, (parsed, cancel) => Show(surroundings, parsed.GetRequiredValue(input), parsed.GetValue(json), parsed, cancel));
        return command;
    }

    private static ExitCode Show(Surroundings surroundings, string file, string? json, ParseResult parsed, CancellationToken cancel)
    {
        using StreamFile reader = new(file);
        AccessUnitParser parser = new();
        List<FrameFields> frames = [];
        while (reader.Read(out ReadOnlySpan<byte> accessUnit))
        {
            cancel.ThrowIfCancellationRequested();
            FrameFields fields = FrameFields.Of(accessUnit, reader.Offset, parser);
            Print(surroundings.Terminal, frames.Count, fields);
            frames.Add(fields);
        }

        int damaged = frames.Count(frame => frame.Status != "ok");
        long bytes = frames.Sum(frame => (long)frame.Bytes);
        surroundings.Terminal.Say($"{frames.Count - damaged} frames, {frames.Count(frame => frame.Type == "intra")} of them key frames, {bytes} bytes");
        if (json is not null)
        {
            ReportFile.Write(json, ReportFile.Render(new { File = file, Bytes = bytes, Damaged = damaged, Frames = frames }, model: null, parsed.Typed(), surroundings.Time));
        }

        return damaged == 0
            ? ExitCode.Ok
            : throw new UserError(ExitCode.Damaged, $"{damaged} of {frames.Count} access units of {file} cannot be read; they are marked above.");
    }

    private static void Print(Terminal terminal, int number, FrameFields frame)
    {
        if (frame.Sequence is { } sequence)
        {
            terminal.Say($"SPS {sequence.Id}: model version {sequence.ModelVersion}, coded {sequence.ModelWidth}x{sequence.ModelHeight}, shown {sequence.DisplayWidth}x{sequence.DisplayHeight}, transpose {Flag(sequence.Transpose)}, crop L{sequence.CropLeft} R{sequence.CropRight} T{sequence.CropTop} B{sequence.CropBottom}, max temporal layers {sequence.MaxTemporalLayers}, frame index bits {sequence.FrameIndexBits}");
            terminal.Say($"PPS {frame.PpsId}: init qp {frame.InitQp}");
        }

        string nalus = string.Join(' ', frame.Nalus);
        if (frame.Status != "ok")
        {
            terminal.Say($"#{number} at byte {frame.Offset}: {frame.Status} ({frame.Bytes} bytes: {nalus})");
            return;
        }

        string reference = frame.ReferenceIndex?.ToString(CultureInfo.InvariantCulture) ?? "-";
        string slots = frame.LtrSlots is { Count: > 0 } held ? string.Join(',', held.Select(index => index?.ToString(CultureInfo.InvariantCulture) ?? "-")) : "none";
        terminal.Say($"#{number} at byte {frame.Offset}: {frame.Type}, {frame.Bytes} bytes ({nalus}), data {frame.DataBytes}, qp {frame.Qp}, index {frame.FrameIndex}, reference {reference}, tid {frame.TemporalId}, feature reset {Flag(frame.FeatureReset == true)}, ltr {slots}, pps {frame.PpsId}");
    }

    private static int Flag(bool set) => set ? 1 : 0;
}
