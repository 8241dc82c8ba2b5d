using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec.Bundles;
using Spectre.Console;

namespace MlvcRtc.App.LossLab;

/// <summary>'lab --long-chain': whether pictures stay as good as they were without a key frame.</summary>
/// <param name="inputs">Videos.</param>
internal sealed class LongChainRun(Surroundings surroundings, IReadOnlyList<string> inputs, string? model, IReadOnlyList<string> typed, string? json)
{
    public void Run(CancellationToken cancel)
    {
        ModelBundle bundle = BundleOpening.Open(model);
        List<LongChain> chains = [];
        foreach (string input in inputs)
        {
            LoadedClip clip = LoadedClip.Read(surroundings, input, size: null, LongChain.Frames, fewest: 1, cancel);
            using ProgressLine progress = new(surroundings.Terminal, surroundings.Time, $"{clip.Name}:", LongChain.Frames);
            long coded = 0;
            chains.Add(LongChain.Measure(bundle, clip, () => progress.Show(++coded), cancel));
        }

        surroundings.Terminal.Canvas().Write(Draw(chains));
        if (json is not null)
        {
            ReportFile.Write(json, ReportFile.Render(new { LongChain.Qp, LongChain.Frames, Clips = chains }, bundle.ToReport(), typed, surroundings.Time));
            surroundings.Terminal.Out.WriteLine($"wrote {json}");
        }
    }

    private static Table Draw(IEnumerable<LongChain> chains)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        string[] hundreds = [.. Enumerable.Range(1, LongChain.Frames / LongChain.Hundred).Select(n => $"… {n * LongChain.Hundred}")];
        foreach (string heading in (string[])["clip, dB of frames", .. hundreds, "lost", "kbit/s"])
        {
            table.AddColumn(heading, column => column.Alignment(heading.StartsWith("clip", StringComparison.Ordinal) ? Justify.Left : Justify.Right));
        }

        foreach (LongChain chain in chains)
        {
            table.AddRow([$"{chain.Name}, {chain.Pictures}", .. chain.PsnrDb.Select(Decibels), Decibels(chain.LostDb), chain.Kbps.ToString("0", CultureInfo.InvariantCulture)]);
        }

        return table;
    }

    private static string Decibels(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
