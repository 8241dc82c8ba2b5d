using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.Evaluation;

/// <summary>One run of 'evaluate': every clip by every codec at every setting, then tables, report and pictures.</summary>
internal sealed class EvaluationRun(Surroundings surroundings, EvaluationSettings settings, IReadOnlyList<string> typed)
{
    public void Run(CancellationToken cancel)
    {
        ModelBundle bundle = BundleOpening.Open(settings.Model);
        RatePlots? plots = settings.Output is { } folder ? RatePlots.Into(folder) : null;
        RunningModel running = EngineOpening.Untested(settings.Device, bundle);
        string id = bundle.ToReport().Id;
        ModelCodec ours = new(running.Bundle.Models[0].Numerics == Numerics.Int8 ? $"{id}-int8" : id, running, settings.Qps);
        Anchors anchors = Anchors.Find(surroundings, settings.Anchors, settings.Qps, cancel);
        string? ffmpeg = anchors.Codecs.Any(codec => codec is FfmpegCodec) || anchors.Missing.Count > 0 ? surroundings.Ffmpeg.Version : null;
        Announce(ours, anchors, ffmpeg);

        IRatedCodec[] codecs = [ours, .. anchors.Codecs.Where(codec => codec.Name != ours.Name)];
        List<ClipReport> clips = [];
        List<string> written = [];
        foreach (string input in settings.Inputs)
        {
            using EvaluationClip clip = EvaluationClip.Read(surroundings, input, settings.Frames, cancel);
            ClipReport report = Measure(clip, codecs, cancel);
            clips.Add(report);
            WriteReport(Comparison.Of(clips, ours.Name, ffmpeg, anchors.Missing), bundle);
            written.AddRange(plots?.WriteCurves(report) ?? []);
            if (plots is not null && codecs.Length > 1)
            {
                using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, $"{clip.Name}, crops:", codecs.Length * clip.Pictures.Count);
                written.Add(plots.WriteCloseUps(clip.Name, CloseUps.Make(clip, report, codecs, done => progress.Show((long)done * clip.Pictures.Count), cancel)));
            }
        }

        EvaluationReport whole = Comparison.Of(clips, ours.Name, ffmpeg, anchors.Missing);
        Print(whole);
        written.AddRange(plots is not null && whole.BdRatePercent.Count > 0 ? [plots.WriteOverview(whole)] : []);
        written.AddRange(settings.Json is { } json ? [json] : []);
        foreach (string path in written)
        {
            surroundings.Terminal.Out.WriteLine($"wrote {path}");
        }
    }

    /// <summary>After every clip: hours of work do not hang on the last one.</summary>
    private void WriteReport(EvaluationReport report, ModelBundle bundle)
    {
        if (settings.Json is { } json)
        {
            ReportFile.Write(json, ReportFile.Render(report, bundle.ToReport(), typed, surroundings.Time));
        }
    }

    private void Announce(ModelCodec ours, Anchors anchors, string? ffmpeg)
    {
        surroundings.Terminal.Say($"{ours.Name} against {(anchors.Codecs.Count == 0 ? "nobody" : string.Join(", ", anchors.Codecs.Select(codec => codec.Name)))}; ffmpeg {ffmpeg ?? "not used"}");
        foreach (MissingAnchor missing in anchors.Missing)
        {
            surroundings.Terminal.Notice($"{missing.Name} is missing: {missing.Reason}");
        }
    }

    private ClipReport Measure(EvaluationClip clip, IReadOnlyList<IRatedCodec> codecs, CancellationToken cancel)
    {
        Dictionary<string, IReadOnlyList<RatedPoint>> curves = [];
        long points = codecs.Sum(codec => codec.Settings.Count);
        using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, $"{clip.Name}:", points * clip.Pictures.Count);
        long done = 0;
        foreach (IRatedCodec codec in codecs)
        {
            List<RatedPoint> curve = [];
            foreach (double setting in codec.Settings)
            {
                curve.Add(codec.Run(clip, setting, keep: null, cancel).Point);
                progress.Show(++done * clip.Pictures.Count);
            }

            curves[codec.Name] = curve;
        }

        return new(clip.Name, clip.Size.Width, clip.Size.Height, Math.Round(clip.Rate.PerSecond, 3), clip.Pictures.Count, curves);
    }

    private void Print(EvaluationReport report)
    {
        surroundings.Terminal.Canvas().Write(EvaluationTable.Draw(report));
        if (report.BdRatePercent.Count > 0)
        {
            surroundings.Terminal.Say($"BD-rate of {report.Codec}, PSNR 6:1:1, % (negative: fewer bits than the anchor)");
            surroundings.Terminal.Canvas().Write(EvaluationTable.DrawClips(report));
        }

        surroundings.Terminal.Say($"quality range {report.QualityRangeDb:0.0} dB; the rate falls at every step of QP on {report.RateFallsAtEveryStep} of {report.Clips.Count} clips; times are {report.TimesAre}");
    }
}
