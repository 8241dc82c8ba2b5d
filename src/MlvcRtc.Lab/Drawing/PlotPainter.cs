namespace MlvcRtc.Lab.Drawing;

/// <summary>Draws a <see cref="LinePlot"/> as pixels.</summary>
public static class PlotPainter
{
    private const int Width = 1280, PanelHeight = 250, Left = 128, Right = 36, Top = 96, PanelGap = 56, Bottom = 76, RowHeight = 26;
    internal const string Ink = "#23262b", Soft = "#6a6f78", Faint = "#e4e6ea", MarkColour = "#d9534f";

    /// <param name="plot">At least one panel.</param>
    /// <param name="xMax">Fixed right end of the X axis; null = from the data.</param>
    public static RgbImage Paint(LinePlot plot, double? xMax = null)
    {
        ArgumentNullException.ThrowIfNull(plot);
        int height = Top + plot.Panels.Sum(HeightOf) + ((plot.Panels.Count - 1) * PanelGap) + Bottom;
        Canvas canvas = new(Width, height);
        IEnumerable<double> xs = plot.Panels.SelectMany(panel => panel.Series).SelectMany(series => series.Points).Select(point => point.X);
        Axis x = Axis.Covering(xs, 0, xMax, exact: true, Left, Width - Right);
        canvas.Text(Left, 30, plot.Title, TextAnchor.Start, Ink, scale: 3);
        int top = Top;
        foreach (PlotPanel panel in plot.Panels)
        {
            PaintPanel(canvas, plot, panel, x, top);
            top += HeightOf(panel) + PanelGap;
        }

        int foot = height - Bottom;
        foreach (double tick in x.Ticks)
        {
            canvas.Text(x.At(tick), foot + 20, x.Format(tick), TextAnchor.Middle, Ink);
        }

        canvas.Text((Left + Width - Right) / 2.0, foot + 48, plot.XLabel, TextAnchor.Middle, Soft);
        return canvas.Image;
    }

    /// <summary>Pictures of one width under each other.</summary>
    public static RgbImage Stack(params ReadOnlySpan<RgbImage> pictures)
    {
        int height = 0;
        int width = 1;
        foreach (RgbImage picture in pictures)
        {
            height += picture.Height;
            width = Math.Max(width, picture.Width);
        }

        RgbImage stack = new(width, Math.Max(height, 1));
        int y = 0;
        foreach (RgbImage picture in pictures)
        {
            stack.Paste(picture, 0, y);
            y += picture.Height;
        }

        return stack;
    }

    private static int HeightOf(PlotPanel panel) => panel.Rows is { } rows ? (rows.Count * RowHeight) + 12 : PanelHeight;

    private static void PaintPanel(Canvas canvas, LinePlot plot, PlotPanel panel, Axis x, int top)
    {
        int bottom = top + HeightOf(panel);
        Axis y = panel.Rows is { } names
            ? new Axis(-0.7, names.Count - 0.3, 1, bottom, top)
            : Axis.Covering(panel.Series.SelectMany(s => s.Points).Select(p => p.Y), panel.YMin, panel.YMax, exact: false, bottom, top);
        foreach (double tick in y.Ticks)
        {
            canvas.Line(Left, y.At(tick), Width - Right, y.At(tick), Faint, 1);
            canvas.Text(Left - 12, y.At(tick), panel.Rows is { } rows ? LinePlot.NameOf(rows, tick) : y.Format(tick), TextAnchor.End, Ink);
        }

        foreach (double tick in x.Ticks)
        {
            canvas.Line(x.At(tick), top, x.At(tick), bottom, Faint, 1);
        }

        foreach (double mark in plot.Marks)
        {
            canvas.Line(x.At(mark), top, x.At(mark), bottom, MarkColour, 1, opacity: 0.35);
        }

        foreach (PlotSeries series in panel.Series)
        {
            PaintSeries(canvas, series, x, y);
        }

        canvas.Line(Left, top, Left, bottom, Ink, 1.4);
        canvas.Line(Left, bottom, Width - Right, bottom, Ink, 1.4);
        canvas.Text(Left, top - 18, panel.YLabel, TextAnchor.Start, Soft);
        PaintLegend(canvas, panel, top);
    }

    private static void PaintSeries(Canvas canvas, PlotSeries series, Axis x, Axis y)
    {
        (double X, double Y)? pen = null;
        foreach ((double pointX, double pointY) in series.Path())
        {
            if (double.IsNaN(pointY))
            {
                pen = null;
                continue;
            }

            (double X, double Y) to = (x.At(pointX), y.At(pointY));
            if (pen is { } from)
            {
                if (series.Style == PlotStyle.Spans)
                {
                    canvas.Fill(from.X, from.Y - (series.StrokeWidth / 2), Math.Max(2, to.X - from.X), series.StrokeWidth, series.Colour);
                }
                else
                {
                    canvas.Line(from.X, from.Y, to.X, to.Y, series.Colour, series.StrokeWidth + 0.4);
                }
            }

            pen = to;
        }

        foreach ((double pointX, double pointY) in series.Style == PlotStyle.Marked ? series.Points.Where(point => !double.IsNaN(point.Y)) : [])
        {
            canvas.Line(x.At(pointX), y.At(pointY), x.At(pointX), y.At(pointY), series.Colour, 8);
        }
    }

    /// <summary>From the right, above the panel, so that no line runs through it; what finds no room beside the axis' name goes one row up.</summary>
    private static void PaintLegend(Canvas canvas, PlotPanel panel, int top)
    {
        double at = Width - Right;
        double row = top - 18;
        double room = Left + Canvas.TextWidth(panel.YLabel) + 20;
        foreach (PlotSeries series in panel.ShowsLegend ? panel.Series.Reverse() : [])
        {
            if (at - Canvas.TextWidth(series.Label) - 34 < room)
            {
                (at, row) = (Width - Right, row - 22);
            }

            canvas.Text(at, row, series.Label, TextAnchor.End, Ink);
            at -= Canvas.TextWidth(series.Label) + 10;
            canvas.Fill(at - 24, row - 2, 24, 5, series.Colour);
            at -= 48;
        }
    }
}
