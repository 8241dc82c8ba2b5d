using System.Globalization;
using Spectre.Console;

namespace MlvcRtc.App.Evaluation;

/// <summary>What 'evaluate' prints: anchors with mean BD-rates and times, then BD-rates by clip.</summary>
internal static class EvaluationTable
{
    public static Table Draw(EvaluationReport report)
    {
        Table table = Headed("codec", "BD-rate PSNR 6:1:1 %", "PSNR-Y %", "MS-SSIM %", "clips that overlap", "clips won", "encode ms (ours: times)", "decode ms (ours: times)");
        foreach ((string name, CodecTimes times) in report.MeanMs)
        {
            MeanBdRate? mean = report.BdRatePercent.GetValueOrDefault(name);
            ClipBdRate[] clips = [.. report.BdRateByClip.Where(figure => figure.Anchor == name)];
            table.AddRow(
                name,
                Percent(mean?.Psnr611),
                Percent(mean?.PsnrY),
                Percent(mean?.Msssim),
                mean is null ? "-" : FormattableString.Invariant($"{clips.Count(clip => clip.Psnr611.Percent is not null)} of {clips.Length}"),
                mean is null ? "-" : FormattableString.Invariant($"{clips.Count(clip => clip.Psnr611.Percent < 0)}"),
                Time(times.EncodeMs, times.EncodeRatio),
                Time(times.DecodeMs, times.DecodeRatio));
        }

        return table;
    }

    /// <summary>PSNR 6:1:1; "no overlap" with the rate ratio at the nearest quality.</summary>
    public static Table DrawClips(EvaluationReport report)
    {
        string[] anchors = [.. report.BdRatePercent.Keys];
        Table table = Headed(["clip", .. anchors]);
        foreach (ClipReport clip in report.Clips)
        {
            table.AddRow([clip.Name, .. anchors.Select(anchor => Cell(report.BdRateByClip.Single(figure => figure.Clip == clip.Name && figure.Anchor == anchor).Psnr611))]);
        }

        return table;
    }

    private static string Time(double ms, double? ratio) => string.Create(CultureInfo.InvariantCulture, $"{ms:0.0} (x{ratio?.ToString("0.0", CultureInfo.InvariantCulture) ?? "?"})");

    private static string Cell(BdFigure figure) => figure.Percent is not null
        ? Percent(figure.Percent)
        : FormattableString.Invariant($"no overlap ({figure.OverlapDb:0.0} dB), x{figure.RateRatio:0.0}");

    private static string Percent(double? value) => value?.ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) ?? "-";

    private static Table Headed(params string[] headings)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings)
        {
            table.AddColumn(heading, column => column.Alignment(heading is "codec" or "clip" ? Justify.Left : Justify.Right));
        }

        return table;
    }
}
