using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using Spectre.Console;

namespace MlvcRtc.App.LossLab;

/// <summary>'lab --recovery-cost': what frames predicted from far back cost on real clips.</summary>
/// <param name="inputs">Videos.</param>
internal sealed class RecoveryCostRun(Surroundings surroundings, IReadOnlyList<string> inputs, string? model, IReadOnlyList<string> typed, string? json)
{
    /// <summary>Of each clip, from the start: three to four seconds, as long as test clips are.</summary>
    private const int MostPictures = 96;

    public void Run(CancellationToken cancel)
    {
        ModelBundle bundle = BundleOpening.Open(model);
        List<ClipCost> clips = [];
        foreach (string input in inputs)
        {
            LoadedClip clip = LoadedClip.Read(surroundings, input, size: null, MostPictures, RecoveryCost.FewestPictures, cancel);
            using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, $"{clip.Name}:", RecoveryCost.FramesFor(clip.Pictures.Count));
            long coded = 0;
            (IReadOnlyList<DistanceCost> recoveries, IReadOnlyList<DistancePrice> prices) = new RecoveryCost(bundle, clip.Pictures, () => progress.Show(++coded), cancel).Measure();
            clips.Add(new ClipCost(clip.Name, clip.Kind, clip.Pictures.Count, recoveries, prices));
        }

        surroundings.Terminal.Canvas().Write(Draw(clips));
        surroundings.Terminal.Canvas().Write(DrawPrices(clips));
        if (json is not null)
        {
            ReportFile.Write(json, ReportFile.Render(new { RecoveryCost.Qp, Clips = clips }, bundle.ToReport(), typed, surroundings.Time));
            surroundings.Terminal.Out.WriteLine($"wrote {json}");
        }
    }

    private static Table Draw(List<ClipCost> clips)
    {
        Table table = Headed("clip", "frames back", "samples", "x ordinary", "even ones", "odd ones", "% of a key frame");
        foreach (ClipCost clip in clips)
        {
            foreach (DistanceCost cost in clip.Recoveries)
            {
                Add(cost == clip.Recoveries[0] ? $"{clip.Name}, {clip.Pictures}" : string.Empty, cost);
            }
        }

        foreach (int distance in clips.Count > 1 ? RecoveryCost.Distances : [])
        {
            DistanceCost[] costs = [.. clips.SelectMany(clip => clip.Recoveries).Where(cost => cost.FramesBack == distance)];
            double Mean(Func<DistanceCost, double> of) => costs.Average(of);
            Add(
                distance == RecoveryCost.Distances[0] ? "mean of the clips" : string.Empty,
                new(distance, costs.Sum(cost => cost.Samples), Mean(c => c.ToOrdinary), Mean(c => c.EvenToOrdinary), Mean(c => c.OddToOrdinary), Mean(c => c.ToKeyFrame)));
        }

        return table;

        void Add(string name, DistanceCost cost) => table.AddRow(
            name,
            Number(cost.FramesBack, "0"),
            Number(cost.Samples, "0"),
            Number(cost.ToOrdinary, "0.00"),
            Number(cost.EvenToOrdinary, "0.00"),
            Number(cost.OddToOrdinary, "0.00"),
            Number(100 * cost.ToKeyFrame, "0"));
    }

    private static Table DrawPrices(IEnumerable<ClipCost> clips)
    {
        Table table = Headed(["clip", .. RecoveryCost.LeastDistances.Select(least => $"all frames at least {least} back: more bits %")]);
        foreach (ClipCost clip in clips)
        {
            table.AddRow([clip.Name, .. clip.Prices.Select(price => Number(price.MoreBitsPercent, "0"))]);
        }

        return table;
    }

    private static Table Headed(params string[] headings)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings)
        {
            table.AddColumn(heading, column => column.Alignment(heading == "clip" ? Justify.Left : Justify.Right));
        }

        return table;
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
