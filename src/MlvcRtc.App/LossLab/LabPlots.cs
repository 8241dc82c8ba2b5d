using System.Globalization;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Drawing;
using MlvcRtc.Lab.Experiments;
using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.App.LossLab;

/// <summary>A picture per scenario with all its policies, and one of all scenarios.</summary>
internal sealed class LabPlots(string folder)
{
    /// <summary>Points of the PSNR line are means over so many seconds, so that a line stays a line.</summary>
    private const double PsnrStepSeconds = 0.25;

    /// <summary>Colour-blind safe (Okabe and Ito, 2008), from the poorest policy to the best.</summary>
    private static readonly Dictionary<string, string> Colours = new()
    {
        ["none"] = "#999999",
        ["pli"] = "#d55e00",
        ["nack"] = "#e69f00",
        ["ltr"] = "#56b4e9",
        ["ltr+nack"] = "#0072b2",
    };

    /// <summary>PSNR, bitrate and freezes over time, and how long recoveries took.</summary>
    /// <returns>The path.</returns>
    public string WriteScenario(Scenario scenario, IReadOnlyList<ExperimentResult> results)
    {
        ExperimentResult any = results[0];
        double seconds = any.Length.TotalSeconds;
        string title = string.Create(CultureInfo.InvariantCulture, $"{scenario.Name}: {any.RoundTrip.TotalMilliseconds:0} ms RTT, {any.TargetKbps:0} kbit/s, playout {any.PlayoutDelay.TotalMilliseconds:0} ms, {any.Codec} codec");
        LinePlot overTime = new(
            title,
            "seconds",
            [
                new("displayed PSNR, dB", [.. results.Select(result => Series(result, Psnr(result), PlotStyle.Line))]),
                new("sent, kbit/s", [.. results.Select(result => Series(result, Bitrate(result), PlotStyle.Steps))], YMin: 0, ShowsLegend: false),
                new("frozen", [.. results.Select((result, row) => Series(result, Freezes(result, row), PlotStyle.Spans))], Rows: [.. results.Select(result => result.Policy)], ShowsLegend: false),
            ],
            Marks: []);
        double longest = LongestDrawn(results);
        LinePlot recoveries = new(
            "From a loss to the next decodable frame",
            "milliseconds",
            [new("recoveries, %", [.. results.Where(result => result.Recoveries.Count > 0).Select(result => Distribution(result, longest))], YMin: 0, YMax: 100)],
            Marks: []);
        RgbImage picture = PlotPainter.Paint(overTime, seconds);
        return Write(scenario.Name + ".png", results.Any(result => result.Recoveries.Count > 0) ? PlotPainter.Stack(picture, PlotPainter.Paint(recoveries)) : picture);
    }

    /// <summary>What calls behind a bottleneck get of it, and how long its queue is.</summary>
    /// <returns>The path.</returns>
    public string WriteBandwidth(BandwidthResult result)
    {
        string[] colours = [Colours["ltr+nack"], Colours["pli"]];
        List<(double, double)> rate = [.. result.Phases.Select(phase => (phase.From.TotalSeconds, phase.RateKbps)), (result.Length.TotalSeconds, result.Phases[^1].RateKbps)];
        LinePlot plot = new(
            string.Create(CultureInfo.InvariantCulture, $"{result.Scenario.Name}: congestion control, {result.Scenario.RoundTrip.TotalMilliseconds:0} ms RTT"),
            "seconds",
            [
                new(
                    "delivered, kbit/s",
                    [
                        new PlotSeries("bottleneck", "#999999", rate, PlotStyle.Steps),
                        .. result.KbpsBySecond.Select((kbps, call) => new PlotSeries(
                            result.KbpsBySecond.Count == 1 ? "call" : $"call {call + 1}", colours[call % colours.Length], [.. kbps.Select((value, second) => (second + 0.5, value))])),
                    ],
                    YMin: 0),
                new("longest wait in the queue, ms", [new("queue", "#6a6f78", Held([.. result.QueueBySecond.Select(wait => wait.TotalMilliseconds)]), PlotStyle.Steps)], YMin: 0, ShowsLegend: false),
            ],
            Marks: []);
        return Write(result.Scenario.Name + ".png", PlotPainter.Paint(plot, result.Length.TotalSeconds));
    }

    /// <summary>Frozen time, quality and recovery of everything.</summary>
    /// <returns>The path.</returns>
    public string WriteOverview(IReadOnlyList<ExperimentResult> results, string codec, int seed)
    {
        string[] scenarios = [.. results.Select(result => result.Scenario).Distinct()];
        string[] policies = [.. results.Select(result => result.Policy).Distinct()];
        double[][] Values(Func<ExperimentResult, double> value) =>
            [.. scenarios.Select(scenario => policies.Select(policy =>
                results.FirstOrDefault(result => result.Scenario == scenario && result.Policy == policy) is { } result ? value(result) : double.NaN).ToArray())];

        double[][] psnr = Values(result => result.MeanPsnrDb);
        BarChart chart = new(
            string.Create(CultureInfo.InvariantCulture, $"Recovery policies, {codec} codec, seed {seed}"),
            scenarios,
            [.. policies.Select(policy => (policy, Colours[policy]))],
            [
                new("frozen time, %", Values(result => 100 * result.FreezeRatio), "0.0"),
                new("displayed PSNR, dB", psnr, "0.0", Low: Math.Floor(psnr.SelectMany(row => row).Where(double.IsFinite).Min()) - 1),
                new("recovery p95, ms", Values(RecoveryP95), "0"),
            ]);
        return Write("overview.png", chart.ToImage());
    }

    private static double RecoveryP95(ExperimentResult result) => ScenarioReport.Of(result).RecoveryMs.P95 ?? double.NaN;

    private static PlotSeries Series(ExperimentResult result, IReadOnlyList<(double, double)> points, PlotStyle style) =>
        new(result.Policy, Colours[result.Policy], points, style);

    private static PlotSeries Distribution(ExperimentResult result, double longest) =>
        PlotSeries.Cumulative(result.Policy, Colours[result.Policy], result.Recoveries.Select(recovery => recovery.TotalMilliseconds), longest);

    /// <summary>Milliseconds up to which distributions are drawn: twice what the second slowest policy needs for 19 of 20 recoveries, so that a few very long ones do not squeeze the rest.</summary>
    private static double LongestDrawn(IReadOnlyList<ExperimentResult> results)
    {
        double[] p95 = [.. results.Select(RecoveryP95).Where(double.IsFinite).OrderDescending()];
        return p95.Length == 0 ? 1 : Math.Ceiling(2 * p95[Math.Min(1, p95.Length - 1)] / 100) * 100;
    }

    private static List<(double, double)> Psnr(ExperimentResult result) =>
        [.. result.PsnrDb.Select((db, n) => (Step: (int)(result.FrameInterval.TotalSeconds * n / PsnrStepSeconds), Db: db))
            .GroupBy(point => point.Step)
            .Select(step => ((step.Key + 0.5) * PsnrStepSeconds, step.Average(point => point.Db)))];

    private static List<(double, double)> Bitrate(ExperimentResult result) => Held(result.KbpsBySecond);

    /// <summary>A value per second, of which the last holds to its end as well.</summary>
    private static List<(double, double)> Held(IReadOnlyList<double> values) =>
        [.. values.Select((value, second) => ((double)second, value)), (values.Count, values[^1])];

    private static List<(double, double)> Freezes(ExperimentResult result, int row) =>
        [.. result.Freezes.SelectMany(freeze => new[] { (freeze.Begin.TotalSeconds, (double)row), (freeze.End.TotalSeconds, row), (freeze.End.TotalSeconds, double.NaN) })];

    private string Write(string name, RgbImage picture)
    {
        string path = Path.Combine(folder, name);
        using OutputFile file = new(path);
        file.Guard(() => PngWriter.Write(file.Stream, picture));
        file.Complete();
        return path;
    }
}
