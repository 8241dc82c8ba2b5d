namespace MlvcRtc.Lab.Drawing;

/// <summary>One cell: what stands in it, on what, in what (#rrggbb).</summary>
public sealed record HeatCell(string Text, string Colour, string Ink);

/// <summary>A matrix of coloured cells with names on two sides.</summary>
/// <param name="RowsAre">What the rows are, such as "encoder".</param>
/// <param name="ColumnsAre">What the columns are.</param>
/// <param name="Cells">[row][column]</param>
/// <param name="Note">Below the matrix.</param>
public sealed record HeatMap(
    string Title, string RowsAre, string ColumnsAre, IReadOnlyList<string> Rows, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<HeatCell>> Cells, string Note)
{
    private const int Edge = 24, Top = 140, CellHeight = 52, Gap = 3, Bottom = 64, LeastCellWidth = 120;

    public RgbImage ToImage()
    {
        int left = Edge + Rows.Append(RowsAre).Max(name => Canvas.TextWidth(name)) + 20;
        int cellWidth = Math.Max(LeastCellWidth, Columns.Max(name => Canvas.TextWidth(name)) + 20);
        int width = Math.Max(left + (Columns.Count * cellWidth) + Edge, Edge + Math.Max(Canvas.TextWidth(Title, 3), Canvas.TextWidth(Note)) + Edge);
        Canvas canvas = new(width, Top + (Rows.Count * CellHeight) + Bottom);
        canvas.Text(Edge, 34, Title, TextAnchor.Start, PlotPainter.Ink, scale: 3);
        canvas.Text(left - 20, Top - 24, RowsAre, TextAnchor.End, PlotPainter.Soft);
        canvas.Text(left + (Columns.Count * cellWidth / 2.0), Top - 56, ColumnsAre, TextAnchor.Middle, PlotPainter.Soft);
        for (int column = 0; column < Columns.Count; column++)
        {
            canvas.Text(left + ((column + 0.5) * cellWidth), Top - 24, Columns[column], TextAnchor.Middle, PlotPainter.Ink);
        }

        for (int row = 0; row < Rows.Count; row++)
        {
            double top = Top + (row * CellHeight);
            canvas.Text(left - 20, top + (CellHeight / 2.0), Rows[row], TextAnchor.End, PlotPainter.Ink);
            for (int column = 0; column < Columns.Count; column++)
            {
                HeatCell cell = Cells[row][column];
                double x = left + (column * cellWidth);
                canvas.Fill(x, top, cellWidth - Gap, CellHeight - Gap, cell.Colour);
                canvas.Text(x + ((cellWidth - Gap) / 2.0), top + ((CellHeight - Gap) / 2.0), cell.Text, TextAnchor.Middle, cell.Ink);
            }
        }

        canvas.Text(Edge, Top + (Rows.Count * CellHeight) + 30, Note, TextAnchor.Start, PlotPainter.Soft);
        return canvas.Image;
    }
}
