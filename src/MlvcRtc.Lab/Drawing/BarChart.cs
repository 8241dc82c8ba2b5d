using System.Globalization;

namespace MlvcRtc.Lab.Drawing;

/// <summary>One figure of a bar chart, for every row and series.</summary>
/// <param name="Label">With the unit.</param>
/// <param name="Values">[row][series]; NaN = none.</param>
/// <param name="Format">Of the numbers beside the bars.</param>
/// <param name="Low">Value of a bar without length.</param>
public sealed record BarColumn(string Label, IReadOnlyList<IReadOnlyList<double>> Values, string Format, double Low = 0);

/// <summary>Horizontal bars: a block of rows per thing measured, a bar per series, a column per figure.</summary>
/// <param name="Rows">Names of the blocks, from the top.</param>
/// <param name="Series">Name and colour (#rrggbb) of each bar of a block.</param>
public sealed record BarChart(
    string Title, IReadOnlyList<string> Rows, IReadOnlyList<(string Label, string Colour)> Series, IReadOnlyList<BarColumn> Columns)
{
    private const int Width = 1280, Left = 220, Right = 30, Top = 118, Bar = 13, BlockGap = 16, ColumnGap = 34, NumberRoom = 62, Bottom = 24;

    public RgbImage ToImage()
    {
        int block = (Series.Count * Bar) + BlockGap;
        Canvas canvas = new(Width, Top + (Rows.Count * block) + Bottom);
        canvas.Text(24, 30, Title, TextAnchor.Start, PlotPainter.Ink, scale: 3);
        double at = 24;
        foreach ((string label, string colour) in Series)
        {
            canvas.Fill(at, 58, 24, 10, colour);
            canvas.Text(at + 32, 63, label, TextAnchor.Start, PlotPainter.Ink);
            at += 32 + Canvas.TextWidth(label) + 34;
        }

        for (int row = 0; row < Rows.Count; row++)
        {
            double top = Top + (row * block);
            canvas.Line(24, top - (BlockGap / 2.0), Width - Right, top - (BlockGap / 2.0), PlotPainter.Faint, 1);
            canvas.Text(Left - 14, top + (Series.Count * Bar / 2.0), Rows[row], TextAnchor.End, PlotPainter.Ink);
        }

        double columnWidth = (Width - Left - Right - ((Columns.Count - 1) * ColumnGap)) / (double)Columns.Count;
        for (int i = 0; i < Columns.Count; i++)
        {
            PaintColumn(canvas, Columns[i], Left + (i * (columnWidth + ColumnGap)), columnWidth, block);
        }

        return canvas.Image;
    }

    private void PaintColumn(Canvas canvas, BarColumn column, double left, double width, int block)
    {
        canvas.Text(left, Top - 24, column.Label, TextAnchor.Start, PlotPainter.Soft);
        double highest = column.Values.SelectMany(values => values).Where(double.IsFinite).DefaultIfEmpty(column.Low).Max();
        double scale = (width - NumberRoom) / Math.Max(highest - column.Low, 1e-9);
        for (int row = 0; row < Rows.Count; row++)
        {
            for (int series = 0; series < Series.Count; series++)
            {
                double value = column.Values[row][series];
                double y = Top + (row * block) + (series * Bar);
                if (double.IsNaN(value))
                {
                    canvas.Text(left, y + (Bar / 2.0), "-", TextAnchor.Start, PlotPainter.Soft, scale: 1);
                    continue;
                }

                double length = Math.Max(0, value - column.Low) * scale;
                canvas.Fill(left, y + 1, Math.Max(1, length), Bar - 2, Series[series].Colour);
                canvas.Text(left + length + 6, y + (Bar / 2.0), value.ToString(column.Format, CultureInfo.InvariantCulture), TextAnchor.Start, PlotPainter.Ink, scale: 1);
            }
        }
    }
}
