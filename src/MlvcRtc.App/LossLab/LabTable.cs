using System.Globalization;
using Spectre.Console;

namespace MlvcRtc.App.LossLab;

/// <summary>The overview: a line per scenario and policy.</summary>
internal static class LabTable
{
    private static readonly string[] Headings =
        ["scenario", "policy", "kbit/s", "PSNR dB", "frozen %", "freezes", "longest ms", "decoded %", "recoveries", "p50 ms", "p95 ms", "key frames"];

    private static readonly string[] BandwidthHeadings =
        ["scenario", "from s", "bottleneck kbit/s", "used %", "queue p50 ms", "queue p95 ms", "queue over 100 ms for s", "85 % after s", "calls, % of the traffic"];

    /// <summary>The bandwidth scenarios: a line per phase.</summary>
    public static Table DrawBandwidth(IEnumerable<ScenarioReport> reports)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in BandwidthHeadings)
        {
            table.AddColumn(heading, column => column.Alignment(heading is "scenario" ? Justify.Left : Justify.Right));
        }

        foreach (ScenarioReport report in reports)
        {
            BandwidthReport bandwidth = report.Bandwidth!;
            foreach (PhaseReport phase in bandwidth.Phases)
            {
                bool first = phase.FromS == 0;
                table.AddRow(
                    first ? report.Name : string.Empty,
                    Number(phase.FromS, "0"),
                    Number(phase.RateKbps, "0"),
                    Number(100 * phase.Utilisation, "0.0"),
                    Number(phase.QueueDelayMs.P50, "0"),
                    Number(phase.QueueDelayMs.P95, "0"),
                    Number(phase.QueueOver100MsForS, "0.0"),
                    Number(phase.Reaches85PercentAfterS, "0"),
                    first ? string.Join(" / ", bandwidth.CallShare.Select(share => Number(100 * share, "0"))) : string.Empty);
            }
        }

        return table;
    }

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
