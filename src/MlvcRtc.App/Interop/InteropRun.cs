using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Lab.Drawing;
using Spectre.Console;

namespace MlvcRtc.App.Interop;

/// <summary>What the user asked of 'interop'.</summary>
/// <param name="Inputs">Video files.</param>
/// <param name="Size">Pictures are scaled to it; null = as they are.</param>
internal sealed record InteropSettings(IReadOnlyList<string> Inputs, PictureSize? Size, int Frames, int Qp, string? Model, string? Output, string? Json);

/// <summary>One run of 'interop': every environment encodes every clip, every other decodes it.</summary>
internal sealed class InteropRun(Surroundings surroundings, InteropSettings settings, IReadOnlyList<string> typed)
{
    public void Run(CancellationToken cancel)
    {
        ModelBundle bundle = BundleOpening.Open(settings.Model);
        IReadOnlyList<NumericEnvironment> environments = NumericEnvironments.Of(bundle);
        try
        {
            InteropReport report = Measure(bundle, environments, cancel);
            Print(report);
            Write(report, bundle);
        }
        finally
        {
            foreach (NumericEnvironment environment in environments)
            {
                environment.Dispose();
            }
        }
    }

    private InteropReport Measure(ModelBundle bundle, IReadOnlyList<NumericEnvironment> environments, CancellationToken cancel)
    {
        LoadedClip[] clips = [.. settings.Inputs.Select(input => LoadedClip.Read(surroundings, input, settings.Size, settings.Frames, fewest: 1, cancel))];
        CrossDecoding crossing = new(settings.Qp);
        long total = (long)clips.Length * settings.Frames * environments.Count * (environments.Count + 1);
        using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, "coded", total);
        long done = 0;
        T Counted<T>(T result)
        {
            progress.Show(done += settings.Frames);
            return result;
        }

        List<InteropPair> pairs = [];
        List<InteropRefresh> refreshes = [];
        foreach (NumericEnvironment from in environments)
        {
            CodedClip[] coded = [.. clips.Select(clip => Counted(crossing.Encode(clip, from, keyFrames: null, cancel)))];
            DecodedClip[] own = [.. clips.Select((clip, i) => Counted(CrossDecoding.Decode(clip, coded[i], from, cancel)))];
            foreach (NumericEnvironment to in environments)
            {
                DecodedClip[] there = to == from ? own : [.. clips.Select((clip, i) => Counted(CrossDecoding.Decode(clip, coded[i], to, cancel)))];
                InteropPair pair = Compare(from.Name, to.Name, own, there);
                pairs.Add(pair);
                if (pair.FramesWithinHalfDb is { } interval)
                {
                    refreshes.Add(Refresh(crossing, clips, coded, from, to, interval, cancel));
                }
            }
        }

        string[] full = [.. environments.Where(environment => environment.Family == NumericEnvironment.FullPrecision).Select(environment => environment.Name)];
        return new(
            [.. environments.Select(environment => new InteropEnvironment(environment.Name, environment.Family, environment.What))],
            NumericEnvironments.Missing(bundle),
            [.. clips.Select(clip => clip.Name)],
            settings.Frames,
            settings.Qp,
            pairs.Sum(pair => pair.Frames),
            pairs.Sum(pair => pair.EntropyFailures),
            pairs.Where(pair => full.Contains(pair.Encoder) && full.Contains(pair.Decoder)).Max(pair => pair.EndLossDb),
            pairs,
            refreshes);
    }

    private static InteropPair Compare(string encoder, string decoder, DecodedClip[] own, DecodedClip[] there)
    {
        double[][] losses = [.. own.Zip(there, DriftMeter.Losses)];
        int?[] within = [.. losses.Select(DriftMeter.FramesWithinHalfDb).Where(frames => frames is not null)];
        return new(
            encoder,
            decoder,
            there.Sum(clip => clip.Psnr.Count),
            there.Sum(clip => clip.Failures),
            own.Zip(there).Sum(clip => clip.First.Hashes.Zip(clip.Second.Hashes).Count(pair => pair.First == pair.Second)),
            Math.Round(losses.Average(DriftMeter.AtTheEnd), 4),
            Math.Round(losses.Max(loss => loss.Max()), 4),
            within.Length == 0 ? null : within.Min());
    }

    /// <summary>The same clips with key frames as often as the pair's drift asks for.</summary>
    private static InteropRefresh Refresh(
        CrossDecoding crossing, LoadedClip[] clips, CodedClip[] plain, NumericEnvironment from, NumericEnvironment to, int interval, CancellationToken cancel)
    {
        List<double> more = [];
        List<double> lost = [];
        for (int i = 0; i < clips.Length; i++)
        {
            CodedClip refreshed = crossing.Encode(clips[i], from, interval, cancel);
            more.Add(100.0 * (refreshed.Bytes - plain[i].Bytes) / plain[i].Bytes);
            lost.Add(DriftMeter.AtTheEnd(DriftMeter.Losses(CrossDecoding.Decode(clips[i], refreshed, from, cancel), CrossDecoding.Decode(clips[i], refreshed, to, cancel))));
        }

        return new(from.Name, to.Name, interval, Math.Round(more.Average(), 2), Math.Round(lost.Average(), 4));
    }

    private void Print(InteropReport report)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("dB lost at the end; encoder below, decoder beside");
        foreach (InteropEnvironment environment in report.Environments)
        {
            table.AddColumn(environment.Name, column => column.RightAligned());
        }

        foreach (InteropEnvironment encoder in report.Environments)
        {
            table.AddRow([encoder.Name, .. report.Environments.Select(decoder => Cell(report.Pairs.Single(pair => pair.Encoder == encoder.Name && pair.Decoder == decoder.Name)))]);
        }

        surroundings.Terminal.Canvas().Write(table);
        foreach (MissingEnvironment missing in report.Missing)
        {
            surroundings.Terminal.Notice($"{missing.Name} is missing: {missing.Reason}");
        }

        foreach (InteropRefresh refresh in report.Refreshes)
        {
            surroundings.Terminal.Say(
                $"{refresh.Encoder} to {refresh.Decoder}: a key frame every {refresh.KeyFrameInterval} frames costs {refresh.RatePercent:0.0} % more bits and leaves {refresh.EndLossDb:0.00} dB lost");
        }

        surroundings.Terminal.Say(
            $"{report.Frames} frames, {report.EntropyFailures} entropy failures; worst loss among fp32 environments after {report.FramesPerClip} frames {report.WorstFullPrecisionLossDb:0.000} dB");
    }

    private static string Cell(InteropPair pair) =>
        pair.EntropyFailures > 0 ? string.Create(CultureInfo.InvariantCulture, $"{pair.EntropyFailures} failures") :
        pair.EqualPictures == pair.Frames ? "equal" :
        pair.EndLossDb.ToString("0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private void Write(InteropReport report, ModelBundle bundle)
    {
        if (settings.Output is { } picture)
        {
            using OutputFile file = new(picture);
            file.Guard(() => PngWriter.Write(file.Stream, InteropMatrix.Draw(report)));
            file.Complete();
            surroundings.Terminal.Out.WriteLine($"wrote {picture}");
        }

        if (settings.Json is { } json)
        {
            ReportFile.Write(json, ReportFile.Render(report, bundle.ToReport(), typed, surroundings.Time));
            surroundings.Terminal.Out.WriteLine($"wrote {json}");
        }
    }
}
