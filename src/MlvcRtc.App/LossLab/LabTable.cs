using System.Globalization;
using Spectre.Console;

namespace MlvcRtc.App.LossLab;

/// <summary>The overview: a line per scenario and policy.</summary>
internal static class LabTable
{
    private static readonly string[] Headings =
        ["scenario", "policy", "kbit/s", "PSNR dB", "frozen %", "freezes", "longest ms", "decoded %", "recoveries", "p50 ms", "p95 ms", "key frames"];

    public static Table Draw(IReadOnlyList<ScenarioReport> reports)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in Headings)
        {
            table.AddColumn(heading, column => column.Alignment(heading is "scenario" or "policy" ? Justify.Left : Justify.Right));
        }

        string before = string.Empty;
        foreach (ScenarioReport report in reports)
        {
            if (before.Length > 0 && before != report.Name)
            {
                table.AddEmptyRow();
            }

            table.AddRow(Cells(report, report.Name == before ? string.Empty : report.Name));
            before = report.Name;
        }

        return table;
    }

    private static string[] Cells(ScenarioReport report, string name) =>
    [
        name,
        report.Policy,
        Number(report.Kbps, "0"),
        Number(report.MeanDisplayedPsnrDb, "0.00"),
        Number(100 * report.FreezeRatio, "0.00"),
        Number(report.FreezeCount, "0"),
        Number(report.LongestFreezeMs, "0"),
        Number(100 * report.DecodedRatio, "0.0"),
        Number(report.Recoveries, "0"),
        Number(report.RecoveryMs.P50, "0"),
        Number(report.RecoveryMs.P95, "0"),
        Number(report.KeyFrames, "0"),
    ];

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
