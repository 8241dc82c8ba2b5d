using System.Globalization;

namespace MlvcRtc.Lab.Drawing;

/// <summary>A bar on a lane, milliseconds.</summary>
/// <param name="Text">Written inside where there is room.</param>
public sealed record LaneBar(double BeginMs, double EndMs, string Text, string Colour);

/// <summary>An instant on a lane, milliseconds.</summary>
public sealed record LaneMark(double AtMs, string Colour);

/// <summary>A row of a <see cref="LaneChart"/>.</summary>
/// <param name="Heading">Begins a group of lanes; null = goes on with the one above.</param>
public sealed record Lane(string Label, IReadOnlyList<LaneBar> Bars, IReadOnlyList<LaneMark> Marks, string? Heading = null);

/// <summary>What was done when: time to the right, one lane under the other.</summary>
/// <param name="Legend">Name and colour (#rrggbb).</param>
public sealed record LaneChart(string Title, IReadOnlyList<Lane> Lanes, double FromMs, double ToMs, IReadOnlyList<(string Label, string Colour)> Legend)
{
    private const int Width = 1600, Left = 240, Right = 24, Top = 104, LaneHeight = 28, HeadingHeight = 34, Bottom = 44;

    public RgbImage ToImage()
    {
        int headings = Lanes.Count(lane => lane.Heading is not null);
        int bottom = Top + (Lanes.Count * LaneHeight) + (headings * HeadingHeight);
        Canvas canvas = new(Width, bottom + Bottom);
        canvas.Text(24, 30, Title, TextAnchor.Start, PlotPainter.Ink, scale: 3);
        double at = 24;
        foreach ((string label, string colour) in Legend)
        {
            canvas.Fill(at, 62, 24, 10, colour);
            canvas.Text(at + 32, 67, label, TextAnchor.Start, PlotPainter.Ink);
            at += 32 + Canvas.TextWidth(label) + 34;
        }

        PaintTime(canvas, bottom);
        double top = Top;
        foreach (Lane lane in Lanes)
        {
            if (lane.Heading is { } heading)
            {
                canvas.Text(24, top + (HeadingHeight / 2.0) + 4, heading, TextAnchor.Start, PlotPainter.Ink);
                top += HeadingHeight;
            }

            Paint(canvas, lane, top);
            top += LaneHeight;
        }

        return canvas.Image;
    }

    private double X(double ms) => Left + ((Math.Clamp(ms, FromMs, ToMs) - FromMs) / (ToMs - FromMs) * (Width - Left - Right));

    private void PaintTime(Canvas canvas, int bottom)
    {
        const int wantedLines = 10;
        double raw = (ToMs - FromMs) / wantedLines;
        double decade = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = decade * (raw / decade <= 1 ? 1 : raw / decade <= 2 ? 2 : raw / decade <= 5 ? 5 : 10);
        for (double ms = 0; ms <= ToMs - FromMs + 1e-9; ms += step)
        {
            double x = X(FromMs + ms);
            canvas.Line(x, Top, x, bottom, PlotPainter.Faint, 1);
            canvas.Text(x, bottom + 18, ms.ToString("0.###", CultureInfo.InvariantCulture) + (ms == 0 ? " ms" : ""), TextAnchor.Middle, PlotPainter.Soft);
        }
    }

    private void Paint(Canvas canvas, Lane lane, double top)
    {
        const int gap = 3;
        canvas.Line(24, top, Width - Right, top, PlotPainter.Faint, 1);
        canvas.Text(Left - 14, top + (LaneHeight / 2.0), lane.Label, TextAnchor.End, PlotPainter.Ink);
        foreach (LaneBar bar in lane.Bars.Where(bar => bar.EndMs >= FromMs && bar.BeginMs <= ToMs))
        {
            double left = X(bar.BeginMs);
            double width = Math.Max(X(bar.EndMs) - left, 2);
            canvas.Fill(left, top + gap, width, LaneHeight - (2 * gap), bar.Colour);
            if (Canvas.TextWidth(bar.Text) + 6 <= width)
            {
                canvas.Text(left + (width / 2), top + (LaneHeight / 2.0), bar.Text, TextAnchor.Middle, "#ffffff");
            }
        }

        foreach (LaneMark mark in lane.Marks.Where(mark => mark.AtMs >= FromMs && mark.AtMs <= ToMs))
        {
            double x = X(mark.AtMs);
            canvas.Line(x - 5, top + 6, x + 5, top + LaneHeight - 6, mark.Colour, 3);
            canvas.Line(x - 5, top + LaneHeight - 6, x + 5, top + 6, mark.Colour, 3);
        }
    }
}
