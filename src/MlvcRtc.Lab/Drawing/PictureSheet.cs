namespace MlvcRtc.Lab.Drawing;

/// <summary>A picture with the text of its label strip.</summary>
public readonly record struct LabelledPicture(RgbImage Picture, string Label);

/// <summary>Pictures side by side, row under row, each with a label strip above it: sent beside received, for instance.</summary>
public static class PictureSheet
{
    private const int Gap = 6;
    private const int LabelScale = 2;
    private const int StripHeight = (BitmapFont.CellHeight * LabelScale) + 10;

    /// <param name="rows">At least one row, each of at least one picture; sizes may differ.</param>
    public static RgbImage Compose(IReadOnlyList<IReadOnlyList<LabelledPicture>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int width = rows.Max(row => row.Sum(cell => cell.Picture.Width + Gap)) + Gap;
        int height = rows.Sum(row => row.Max(cell => cell.Picture.Height) + StripHeight + Gap) + Gap;
        RgbImage sheet = new(width, height);
        sheet.Fill(0, 0, width, height, 24, 26, 30);
        int y = Gap;
        foreach (IReadOnlyList<LabelledPicture> row in rows)
        {
            int x = Gap;
            foreach (LabelledPicture cell in row)
            {
                int room = (cell.Picture.Width / (BitmapFont.CellWidth * LabelScale)) - 1;
                string label = cell.Label.Length <= room ? cell.Label : cell.Label[..Math.Max(0, room)];
                sheet.Fill(x, y, cell.Picture.Width, StripHeight, 44, 48, 56);
                BitmapFont.Draw(sheet, label, x + 6, y + 5, LabelScale, 236, 238, 242);
                sheet.Paste(cell.Picture, x, y + StripHeight);
                x += cell.Picture.Width + Gap;
            }

            y += row.Max(cell => cell.Picture.Height) + StripHeight + Gap;
        }

        return sheet;
    }
}
