using System.Globalization;
using Spectre.Console;

namespace MlvcRtc.App.Demo;

/// <summary>One row of the live table.</summary>
internal sealed record DemoRow(
    string Direction, long Captured, long Encoded, long Decoded, double Kbps, double PsnrDb, long PacketsLost, long Recoveries, int Freezes, double LatencyMs);

/// <summary>Draws the call while it runs.</summary>
internal static class DemoTable
{
    private static readonly string[] Headings =
        ["direction", "captured", "encoded", "decoded", "kbit/s", "PSNR dB", "packets lost", "recoveries", "freezes", "latency ms"];

    public static Table Draw(TimeSpan elapsed, double seconds, IEnumerable<DemoRow> rows)
    {
        Table table = new Table()
            .Border(TableBorder.Rounded)
            .Title(string.Create(CultureInfo.InvariantCulture, $"call, {elapsed.TotalSeconds:0.0} of {seconds:0.#} s"));
        foreach (string heading in Headings)
        {
            table.AddColumn(heading, column => column.RightAligned());
        }

        foreach (DemoRow row in rows)
        {
            table.AddRow(Cells(row));
        }

        return table;
    }

    /// <summary>The same as one line for a log.</summary>
    public static string Line(TimeSpan elapsed, DemoRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds,5:0.0} s  {row.Direction}: captured {row.Captured}, encoded {row.Encoded}, decoded {row.Decoded}, {row.Kbps:0} kbit/s, PSNR {Decibels(row.PsnrDb)} dB, packets lost {row.PacketsLost}, recoveries {row.Recoveries}, freezes {row.Freezes}, latency {row.LatencyMs:0} ms");

    private static string[] Cells(DemoRow row) =>
    [
        row.Direction,
        Text(row.Captured),
        Text(row.Encoded),
        Text(row.Decoded),
        row.Kbps.ToString("0", CultureInfo.InvariantCulture),
        Decibels(row.PsnrDb),
        Text(row.PacketsLost),
        Text(row.Recoveries),
        Text(row.Freezes),
        row.LatencyMs.ToString("0", CultureInfo.InvariantCulture),
    ];

    /// <summary>A dash while nothing is shown.</summary>
    private static string Decibels(double psnrDb) => double.IsNaN(psnrDb) ? "-" : psnrDb.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
