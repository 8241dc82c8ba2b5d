using System.Globalization;

namespace MlvcRtc.Lab.Drawing;

/// <summary>Where the text stands relative to its point.</summary>
internal enum TextAnchor
{
    Start = 0,
    Middle = 1,
    End = 2,
}

/// <summary>Draws smooth lines, filled rectangles and labels on a picture. Coordinates are in pixels from the upper left corner.</summary>
internal sealed class Canvas
{
    private const int TextScale = 2;

    public Canvas(int width, int height)
    {
        Image = new RgbImage(width, height);
        Image.Fill(0, 0, width, height, 255, 255, 255);
    }

    public RgbImage Image { get; }

    /// <summary>Pixels that a label takes at scale 1 (small) or 2 (ordinary) or more.</summary>
    public static int TextWidth(string text, int scale = TextScale) => ((text.Length * BitmapFont.CellWidth) - 1) * scale;

    /// <summary>A straight line with soft edges.</summary>
    /// <param name="opacity">0..1.</param>
    public void Line(double x1, double y1, double x2, double y2, string colour, double width, double opacity = 1)
    {
        (byte red, byte green, byte blue) = Parse(colour);
        double reach = (width / 2) + 1;
        (double dx, double dy) = (x2 - x1, y2 - y1);
        double length = (dx * dx) + (dy * dy);
        for (int y = Math.Max(0, (int)(Math.Min(y1, y2) - reach)); y <= Math.Min(Image.Height - 1, (int)(Math.Max(y1, y2) + reach)); y++)
        {
            for (int x = Math.Max(0, (int)(Math.Min(x1, x2) - reach)); x <= Math.Min(Image.Width - 1, (int)(Math.Max(x1, x2) + reach)); x++)
            {
                double along = length == 0 ? 0 : Math.Clamp((((x + 0.5 - x1) * dx) + ((y + 0.5 - y1) * dy)) / length, 0, 1);
                double distance = Math.Sqrt(Math.Pow(x + 0.5 - x1 - (along * dx), 2) + Math.Pow(y + 0.5 - y1 - (along * dy), 2));
                Blend(x, y, red, green, blue, opacity * Math.Clamp((width / 2) + 0.5 - distance, 0, 1));
            }
        }
    }

    /// <summary>A filled rectangle, whole pixels.</summary>
    public void Fill(double x, double y, double width, double height, string colour)
    {
        (byte red, byte green, byte blue) = Parse(colour);
        Image.Fill((int)Math.Round(x), (int)Math.Round(y), Math.Max(1, (int)Math.Round(width)), Math.Max(1, (int)Math.Round(height)), red, green, blue);
    }

    /// <summary>A label whose middle line is at <paramref name="y"/>.</summary>
    public void Text(double x, double y, string text, TextAnchor anchor, string colour, int scale = TextScale)
    {
        (byte red, byte green, byte blue) = Parse(colour);
        double left = x - (anchor switch { TextAnchor.Start => 0, TextAnchor.Middle => TextWidth(text, scale) / 2.0, _ => TextWidth(text, scale) });
        BitmapFont.Draw(Image, text, (int)Math.Round(left), (int)Math.Round(y - (BitmapFont.CellHeight * scale / 2.0)), scale, red, green, blue);
    }

    private static (byte Red, byte Green, byte Blue) Parse(string colour) => (Part(colour, 1), Part(colour, 3), Part(colour, 5));

    private static byte Part(string colour, int at) => byte.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private void Blend(int x, int y, byte red, byte green, byte blue, double opacity)
    {
        if (opacity <= 0)
        {
            return;
        }

        Span<byte> pixel = Image.Pixels.AsSpan(3 * ((y * Image.Width) + x), 3);
        pixel[0] = (byte)Math.Round(pixel[0] + ((red - pixel[0]) * opacity));
        pixel[1] = (byte)Math.Round(pixel[1] + ((green - pixel[1]) * opacity));
        pixel[2] = (byte)Math.Round(pixel[2] + ((blue - pixel[2]) * opacity));
    }
}
