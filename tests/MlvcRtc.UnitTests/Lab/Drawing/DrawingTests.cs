using System.Buffers.Binary;
using System.IO.Compression;
using System.Xml.Linq;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Drawing;
using MlvcRtc.Media;

namespace MlvcRtc.UnitTests.Lab.Drawing;

public sealed class DrawingTests
{
    // Colour bars of ITU-R BT.601 and BT.709 at full saturation, limited range.
    [Theory]
    [InlineData(YuvMatrix.Bt601, 16, 128, 128, 0, 0, 0)]
    [InlineData(YuvMatrix.Bt601, 235, 128, 128, 255, 255, 255)]
    [InlineData(YuvMatrix.Bt601, 81, 90, 240, 255, 0, 0)]
    [InlineData(YuvMatrix.Bt601, 145, 54, 34, 0, 255, 0)]
    [InlineData(YuvMatrix.Bt601, 41, 240, 110, 0, 0, 255)]
    [InlineData(YuvMatrix.Bt709, 63, 102, 240, 255, 0, 0)]
    [InlineData(YuvMatrix.Bt709, 173, 42, 26, 0, 255, 0)]
    [InlineData(YuvMatrix.Bt709, 32, 240, 118, 0, 0, 255)]
    public void Colours_come_out_as_the_standard_says(YuvMatrix matrix, byte y, byte u, byte v, int red, int green, int blue)
    {
        VideoFrame frame = new(2, 2);
        frame.Y.Fill(y);
        frame.U.Fill(u);
        frame.V.Fill(v);
        byte[] pixel = RgbImage.FromFrame(frame, matrix).Pixels[..3];

        // The bars themselves are rounded to 8 bits: half a step of luma or chroma is up to 2 steps of colour.
        Assert.InRange(pixel[0], red - 2, red + 2);
        Assert.InRange(pixel[1], green - 2, green + 2);
        Assert.InRange(pixel[2], blue - 2, blue + 2);
    }

    [Fact]
    public void A_png_holds_the_picture()
    {
        VideoFrame frame = new();
        new SyntheticScene(96, 64, new FrameRate(30, 1), seed: 1).Render(frame, 5);
        RgbImage image = RgbImage.FromFrame(frame);
        MemoryStream stream = new();
        PngWriter.Write(stream, image);

        byte[] png = stream.ToArray();
        Assert.Equal("89504E470D0A1A0A0000000D494844520000006000000040080200000", Convert.ToHexString(png)[..57]);
        Assert.Equal(image.Pixels, Unpack(png, image.Width, image.Height));
        Assert.Equal("0000000049454E44AE426082", Convert.ToHexString(png)[^24..]);   // the IEND chunk with its known CRC
    }

    [Theory]
    [InlineData('a', 2, 6)]
    [InlineData('l', 0, 6)]
    [InlineData('p', 2, 8)]
    [InlineData('g', 2, 8)]
    [InlineData('q', 2, 8)]
    [InlineData('y', 2, 8)]
    [InlineData(',', 6, 8)]
    public void Small_letters_stand_on_one_line_and_only_descenders_reach_below_it(char letter, int top, int bottom)
    {
        RgbImage image = new(5, 12);
        BitmapFont.Draw(image, letter.ToString(), 0, 0, 1, 255, 255, 255);

        int[] rows = [.. Enumerable.Range(0, image.Height).Where(row => image.Pixels.AsSpan(3 * row * image.Width, 3 * image.Width).Contains((byte)255))];
        Assert.Equal((top, bottom), (rows[0], rows[^1]));
    }

    [Fact]
    public void A_cumulative_distribution_rises_to_the_share_of_samples_within_its_bound() =>
        Assert.Equal(
            [(0.0, 0.0), (10.0, 25.0), (20.0, 50.0), (20.0, 75.0), (50.0, 75.0)],
            PlotSeries.Cumulative("policy", "#000000", [20, 90, 10, 20], upTo: 50).Points);

    [Fact]
    public void Steps_hold_each_value_until_the_next_point()
    {
        RgbImage image = PlotPainter.Paint(new LinePlot("t", "x", [new PlotPanel("y", [new PlotSeries("s", "#ff0000", [(0, 1), (5, 3), (10, 3)], PlotStyle.Steps)], YMin: 0, YMax: 4)], Marks: []));

        // The plot spans 128..1244 and 96..346: the first value stands at 3/4 of the height up to the middle, the second at 1/4 from there.
        Assert.True(IsRed(300, 283) && IsRed(600, 283) && IsRed(800, 158) && !IsRed(800, 283) && !IsRed(300, 158));

        bool IsRed(int x, int y) => Enumerable.Range(y - 2, 5).Any(row =>
        {
            ReadOnlySpan<byte> pixel = image.Pixels.AsSpan(3 * ((row * image.Width) + x), 3);
            return pixel[0] > 200 && pixel[1] < 90;
        });
    }

    [Fact]
    public void A_plot_is_well_formed_and_names_its_axes()
    {
        LinePlot plot = new(
            "PSNR & bitrate",
            "time (s)",
            [new PlotPanel("PSNR (dB)", [new PlotSeries("decoded", "#1f77b4", [(0, 30), (1, double.NaN), (2, 34)])])],
            Marks: [1.0],
            MarkLabel: "lost packet");
        XElement svg = XDocument.Parse(plot.ToSvg()).Root!;
        string[] texts = [.. svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Contains("PSNR & bitrate", texts);
        Assert.Contains("time (s)", texts);
        Assert.Contains("PSNR (dB)", texts);
        Assert.Contains("lost packet", texts);
        Assert.Equal(2, svg.Descendants().Single(e => e.Name.LocalName == "path").Attribute("d")!.Value.Count(c => c == 'M'));  // the gap
    }

    [Fact]
    public void A_plot_without_points_is_drawn_empty()
    {
        Assert.NotNull(XDocument.Parse(new LinePlot("t", "x", [new PlotPanel("y", [])], []).ToSvg()).Root);
    }

    [Fact]
    public void Pictures_stand_side_by_side_under_their_labels()
    {
        RgbImage red = new(64, 32), blue = new(64, 32);
        red.Fill(0, 0, 64, 32, 255, 0, 0);
        blue.Fill(0, 0, 64, 32, 0, 0, 255);
        RgbImage sheet = PictureSheet.Compose([[new(red, "SENT"), new(blue, "RECEIVED, A LABEL THAT IS TOO LONG")]]);
        Assert.Equal(6 + 64 + 6 + 64 + 6, sheet.Width);
        Assert.Equal((255, 0), Pixel(sheet, 30, 50));
        Assert.Equal((0, 255), Pixel(sheet, 100, 50));

        static (int Red, int Blue) Pixel(RgbImage image, int x, int y) => (image.Pixels[3 * ((y * image.Width) + x)], image.Pixels[(3 * ((y * image.Width) + x)) + 2]);
    }

    /// <summary>A slow, obvious reader of what the writer makes.</summary>
    private static byte[] Unpack(byte[] png, int width, int height)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(33));
        using ZLibStream zlib = new(new MemoryStream(png, 41, length), CompressionMode.Decompress);
        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            int type = zlib.ReadByte();
            for (int x = 0; x < width * 3; x++)
            {
                int at = (y * width * 3) + x;
                int left = x < 3 ? 0 : pixels[at - 3];
                int up = y == 0 ? 0 : pixels[at - (width * 3)];
                int corner = x < 3 || y == 0 ? 0 : pixels[at - (width * 3) - 3];
                int nearest = new[] { left, up, corner }.MinBy(value => Math.Abs(left + up - corner - value));
                int prediction = new[] { 0, left, up, (left + up) / 2, nearest }[type];
                pixels[at] = (byte)(zlib.ReadByte() + prediction);
            }
        }

        return pixels;
    }
}
