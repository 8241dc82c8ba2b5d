using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Lab.Experiments;
using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.App.LossLab;

/// <summary>One run of 'lab': every scenario under every policy, then the table, the report and the pictures.</summary>
internal sealed class LabRun(Surroundings surroundings, LabSettings settings, string? model, IReadOnlyList<string> typed, string? json)
{
    public void Run(CancellationToken cancel)
    {
        ModelBundle? bundle = settings.RealCodec ? BundleOpening.Open(model) : null;
        PrepareFolder();
        LabPlots? plots = settings.OutputFolder is { } folder ? new(folder) : null;
        (IExperimentCodec codec, string pictures) = OpenCodec(bundle, cancel);
        surroundings.Terminal.Say($"{codec.Name} codec, {pictures}; encoding takes {codec.EncodeTime.TotalMilliseconds:0.#} ms, decoding {codec.DecodeTime.TotalMilliseconds:0.#} ms, by decree; seed {settings.Seed}");
        List<ExperimentResult> results = [];
        List<ScenarioReport> reports = [];
        List<string> written = [];
        foreach (Scenario asked in settings.Scenarios)
        {
            Scenario scenario = settings.PlayoutMs is { } playout ? asked with { PlayoutDelay = TimeSpan.FromMilliseconds(playout) } : asked;
            if (scenario.Kind == ScenarioKind.Bandwidth)
            {
                BandwidthResult result = BandwidthExperiment.Run(scenario, settings.Seconds ?? scenario.Seconds, settings.Seed, cancel);
                reports.Add(ScenarioReport.Of(result));
                written.AddRange(plots is null ? [] : [plots.WriteBandwidth(result)]);
                continue;
            }

            List<ExperimentResult> ofScenario = [.. settings.Policies.Select(policy => RunOne(scenario, policy, codec, cancel))];
            results.AddRange(ofScenario);
            reports.AddRange(ofScenario.Select(ScenarioReport.Of));
            written.AddRange(plots is null ? [] : [plots.WriteScenario(scenario, ofScenario)]);
        }

        PrintTables(reports);
        written.AddRange(plots is null || results.Count == 0 ? [] : [plots.WriteOverview(results, codec.Name, settings.Seed)]);
        if (json is not null)
        {
            LabReport report = new(codec.Name, pictures, codec.EncodeTime.TotalMilliseconds, codec.DecodeTime.TotalMilliseconds, reports);
            ReportFile.Write(json, ReportFile.Render(report, bundle?.ToReport(), typed, surroundings.Time));
            written.Add(json);
        }

        foreach (string path in written)
        {
            surroundings.Terminal.Out.WriteLine($"wrote {path}");
        }
    }

    private (IExperimentCodec Codec, string Pictures) OpenCodec(ModelBundle? bundle, CancellationToken cancel)
    {
        if (bundle is null)
        {
            return (new TestExperimentCodec(settings.EncodeTime(640, 360), settings.DecodeTime(640, 360)), "synthetic scene, 640x360 at 30 fps");
        }

        RealExperimentCodec real = new(surroundings, settings, bundle, cancel);
        return (real, $"{Path.GetFileName(settings.Input ?? surroundings.DemoClip)}, {real.Pictures}");
    }

    private ExperimentResult RunOne(Scenario scenario, RecoveryPolicy policy, IExperimentCodec codec, CancellationToken cancel)
    {
        double seconds = settings.Seconds ?? scenario.Seconds;
        long pictures = (long)Math.Round(seconds / codec.OpenSource().Rate.Interval.TotalSeconds);
        using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, $"{scenario.Name}, {policy.Name}:", pictures);
        return CallExperiment.Run(scenario, policy, codec, seconds, settings.Seed, shown => progress.Show(shown), cancel);
    }

    private void PrintTables(List<ScenarioReport> reports)
    {
        ScenarioReport[] recovery = [.. reports.Where(report => report.Bandwidth is null)];
        ScenarioReport[] bandwidth = [.. reports.Where(report => report.Bandwidth is not null)];
        if (recovery.Length > 0)
        {
            surroundings.Terminal.Canvas().Write(LabTable.Draw(recovery));
        }

        if (bandwidth.Length > 0)
        {
            surroundings.Terminal.Canvas().Write(LabTable.DrawBandwidth(bandwidth));
        }
    }

    private void PrepareFolder()
    {
        try
        {
            if (settings.OutputFolder is { } folder)
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.CannotWrite(settings.OutputFolder!, cause);
        }
    }
}
