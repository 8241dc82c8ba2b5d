using System.Globalization;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Reports;
using MlvcRtc.Lab.Experiments;
using Spectre.Console;

namespace MlvcRtc.App.LossLab;

/// <summary>'lab --bandwidth-matrix': congestion control on thirty paths for each of three shares of loss.</summary>
internal sealed class BandwidthMatrixRun(Surroundings surroundings, IReadOnlyList<string> typed, string? json)
{
    private static readonly double[] LossPercents = [0, 2, 5];

    public void Run(CancellationToken cancel)
    {
        BandwidthColumn[] columns = [.. LossPercents.Select(loss => BandwidthMatrix.Run(loss, cancel))];
        Table table = new Table().Border(TableBorder.Rounded).AddColumn($"{columns[0].Runs} runs each");
        foreach (BandwidthColumn column in columns)
        {
            table.AddColumn($"{Number(column.LossPercent, "0")} % loss", heading => heading.Alignment(Justify.Right));
        }

        Row("500 kbit/s, seconds 5 to 60: used %", column => Range(column.SteadyUsed, 100, "0"));
        Row("p95 of the queueing delay, ms", column => Range(column.SteadyQueueP95Ms, 1, "0"));
        Row("1000 to 300 kbit/s: queue below 100 ms after s", column => Range(column.DropQueueS, 1, "0.0"));
        Row("longest wait from 2 s after that drop on, ms", column => Range(column.LaterQueueMs, 1, "0"));
        Row("back to 85 % of 1000 after s", column => Range(column.BackS, 1, "0.0"));
        Row("not back within 25 s: runs", column => Number(column.NotBack, "0"));
        Row("two calls on 1 Mbit/s, seconds 30 to 90: share of the first %", column => Range(column.FirstShare, 100, "0"));
        Row("outside 40 .. 60 %: runs", column => Number(column.Unfair, "0"));
        surroundings.Terminal.Canvas().Write(table);
        if (json is not null)
        {
            ReportFile.Write(json, ReportFile.Render(new { Columns = columns }, model: null, typed, surroundings.Time));
            surroundings.Terminal.Out.WriteLine($"wrote {json}");
        }

        void Row(string name, Func<BandwidthColumn, string> cell) => table.AddRow([name, .. columns.Select(cell)]);
    }

    private static string Range(Extremes range, double scale, string format) => $"{Number(scale * range.Least, format)} .. {Number(scale * range.Most, format)}";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
