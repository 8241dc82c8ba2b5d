using System.Globalization;
using System.Security;
using System.Text;

namespace MlvcRtc.Lab.Drawing;

/// <summary>How a series is drawn.</summary>
public enum PlotStyle
{
    /// <summary>Straight from point to point.</summary>
    Line = 0,

    /// <summary>Each value holds until the next point.</summary>
    Steps = 1,

    /// <summary>Thick bars from point to point: lengths of time on a named row.</summary>
    Spans = 2,

    /// <summary>Straight from point to point, a dot on each: few points that were measured.</summary>
    Marked = 3,
}

/// <summary>One line of a panel. A point whose Y is NaN interrupts it.</summary>
/// <param name="Colour">#rrggbb.</param>
public sealed record PlotSeries(string Label, string Colour, IReadOnlyList<(double X, double Y)> Points, PlotStyle Style = PlotStyle.Line)
{
    /// <summary>Share of the samples that are not above each of them, in percent: a cumulative distribution in steps, from zero to <paramref name="upTo"/>.</summary>
    public static PlotSeries Cumulative(string label, string colour, IEnumerable<double> samples, double upTo)
    {
        double[] sorted = [.. samples.Order()];
        (double X, double Y)[] points = [.. sorted.Select((sample, i) => (sample, 100.0 * (i + 1) / sorted.Length)).Where(point => point.sample <= upTo)];
        return new PlotSeries(label, colour, sorted.Length == 0 ? [] : [(0, 0), .. points, (upTo, points.Length == 0 ? 0 : points[^1].Y)], PlotStyle.Steps);
    }

    /// <summary>Pixels of the stroke.</summary>
    internal double StrokeWidth => Style == PlotStyle.Spans ? 11 : 1.8;

    /// <summary>The points that the pen visits.</summary>
    internal IEnumerable<(double X, double Y)> Path()
    {
        double before = double.NaN;
        foreach ((double x, double y) in Points)
        {
            if (Style == PlotStyle.Steps && !double.IsNaN(before) && !double.IsNaN(y))
            {
                yield return (x, before);
            }

            yield return (x, y);
            before = y;
        }
    }
}

/// <summary>One pair of axes; panels stand above each other and share X.</summary>
/// <param name="YLabel">With the unit.</param>
/// <param name="YMin">Fixed lower end; null = from the data.</param>
/// <param name="YMax">Fixed upper end; null = from the data.</param>
/// <param name="Rows">Names in place of the numbers 0, 1 .. of the Y axis, from the bottom; null = numbers.</param>
/// <param name="ShowsLegend">False where another panel of the plot names the colours.</param>
public sealed record PlotPanel(
    string YLabel, IReadOnlyList<PlotSeries> Series, double? YMin = null, double? YMax = null, IReadOnlyList<string>? Rows = null, bool ShowsLegend = true);

/// <summary>A line plot, as an SVG document or as pixels (<see cref="PlotPainter"/>).</summary>
/// <param name="XLabel">With the unit.</param>
/// <param name="Marks">Instants on the X axis at which something happened (a lost packet), drawn through all panels.</param>
/// <param name="MarkLabel">What the marks mean; empty = none.</param>
public sealed record LinePlot(string Title, string XLabel, IReadOnlyList<PlotPanel> Panels, IReadOnlyList<double> Marks, string MarkLabel = "")
{
    private const int Width = 960, PanelHeight = 220, Left = 76, Right = 24, Top = 58, PanelGap = 34, Bottom = 52;
    private const string Ink = "#23262b", Faint = "#e4e6ea", MarkColour = "#d9534f";

    public string ToSvg()
    {
        int height = Top + (Panels.Count * PanelHeight) + ((Panels.Count - 1) * PanelGap) + Bottom;
        Axis x = Axis.Covering(Panels.SelectMany(p => p.Series).SelectMany(s => s.Points).Select(p => p.X), null, null, exact: true, Left, Width - Right);
        StringBuilder svg = new();
        svg.Append(Culture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" ");
        svg.Append("font-family=\"Inter, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\" font-size=\"12\">\n");
        svg.Append(Culture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"white\"/>\n");
        Text(svg, Left, 28, Title, "start", "font-size=\"17\" font-weight=\"600\"");
        for (int i = 0; i < Panels.Count; i++)
        {
            int top = Top + (i * (PanelHeight + PanelGap));
            DrawPanel(svg, Panels[i], x, top, showMarkLabel: i == 0);
        }

        int foot = height - Bottom;
        foreach (double tick in x.Ticks)
        {
            Text(svg, x.At(tick), foot + 18, x.Format(tick), "middle");
        }

        Text(svg, (Left + Width - Right) / 2.0, foot + 40, XLabel, "middle");
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The row at a tick; empty between rows.</summary>
    internal static string NameOf(IReadOnlyList<string> rows, double tick) =>
        tick == Math.Floor(tick) && tick >= 0 && tick < rows.Count ? rows[(int)tick] : string.Empty;

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private void DrawPanel(StringBuilder svg, PlotPanel panel, Axis x, int top, bool showMarkLabel)
    {
        int bottom = top + PanelHeight;
        Axis y = Axis.Covering(panel.Series.SelectMany(s => s.Points).Select(p => p.Y), panel.YMin, panel.YMax, exact: false, bottom, top);
        foreach (double tick in y.Ticks)
        {
            Line(svg, Left, y.At(tick), Width - Right, y.At(tick), Faint, 1);
            Text(svg, Left - 8, y.At(tick) + 4, panel.Rows is { } rows ? NameOf(rows, tick) : y.Format(tick), "end");
        }

        foreach (double tick in x.Ticks)
        {
            Line(svg, x.At(tick), top, x.At(tick), bottom, Faint, 1);
        }

        foreach (double mark in Marks)
        {
            Line(svg, x.At(mark), top, x.At(mark), bottom, MarkColour, 1, "stroke-opacity=\"0.35\"");
        }

        foreach (PlotSeries series in panel.Series)
        {
            DrawSeries(svg, series, x, y);
        }

        Line(svg, Left, top, Left, bottom, Ink, 1.2);
        Line(svg, Left, bottom, Width - Right, bottom, Ink, 1.2);
        svg.Append(Culture, $"<text transform=\"translate(20 {(top + bottom) / 2}) rotate(-90)\" text-anchor=\"middle\" fill=\"{Ink}\">{SecurityElement.Escape(panel.YLabel)}</text>\n");
        DrawLegend(svg, panel, top, showMarkLabel && Marks.Count > 0 && MarkLabel.Length > 0);
    }

    private static void DrawSeries(StringBuilder svg, PlotSeries series, Axis x, Axis y)
    {
        svg.Append(Culture, $"<path fill=\"none\" stroke=\"{SecurityElement.Escape(series.Colour)}\" stroke-width=\"{series.StrokeWidth}\" stroke-linejoin=\"round\" stroke-linecap=\"{(series.Style == PlotStyle.Spans ? "butt" : "round")}\" d=\"");
        bool pen = false;
        foreach ((double pointX, double pointY) in series.Path())
        {
            if (double.IsNaN(pointY))
            {
                pen = false;
                continue;
            }

            svg.Append(Culture, $"{(pen ? 'L' : 'M')}{x.At(pointX):0.##} {y.At(pointY):0.##}");
            pen = true;
        }

        svg.Append("\"/>\n");
        foreach ((double pointX, double pointY) in series.Style == PlotStyle.Marked ? series.Points.Where(point => !double.IsNaN(point.Y)) : [])
        {
            svg.Append(Culture, $"<circle cx=\"{x.At(pointX):0.##}\" cy=\"{y.At(pointY):0.##}\" r=\"3.2\" fill=\"{SecurityElement.Escape(series.Colour)}\"/>\n");
        }
    }

    private void DrawLegend(StringBuilder svg, PlotPanel panel, int top, bool marks)
    {
        // From the right, above the panel, so that no line runs through it; what finds no room goes one row up.
        const double CharacterWidth = 7.2; // of the widest names in a sans-serif of 12
        double at = Width - Right;
        double row = top - 9;
        List<(string Label, string Colour)> entries = panel.ShowsLegend ? [.. panel.Series.Select(s => (s.Label, s.Colour))] : [];
        if (marks)
        {
            entries.Add((MarkLabel, MarkColour));
        }

        foreach ((string label, string colour) in entries.AsEnumerable().Reverse())
        {
            if (at - (label.Length * CharacterWidth) - 26 < Left)
            {
                (at, row) = (Width - Right, row - 15);
            }

            Text(svg, at, row, label, "end");
            at -= (label.Length * CharacterWidth) + 8;
            Line(svg, at - 18, row - 4, at, row - 4, colour, 2.4);
            at -= 34;
        }
    }

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string colour, double width, string more = "") =>
        svg.Append(Culture, $"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" stroke=\"{SecurityElement.Escape(colour)}\" stroke-width=\"{width}\" {more}/>\n");

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, string more = "") =>
        svg.Append(Culture, $"<text x=\"{x:0.##}\" y=\"{y:0.##}\" text-anchor=\"{anchor}\" fill=\"{Ink}\" {more}>{SecurityElement.Escape(text)}</text>\n");
}
