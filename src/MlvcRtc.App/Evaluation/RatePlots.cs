using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Drawing;
using MlvcRtc.Lab.Metrics;

namespace MlvcRtc.App.Evaluation;

/// <summary>Draws rate-distortion curves, close-ups, and the mean BD-rates.</summary>
internal sealed class RatePlots
{
    /// <summary>Ours, then the anchors in their order; colour-blind safe (Okabe and Ito, 2008), then gray, black and brown.</summary>
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#e69f00", "#009e73", "#56b4e9", "#cc79a7", "#8a8f98", "#23262b", "#8b5a2b"];

    private readonly string _folder;

    private RatePlots(string folder) => _folder = folder;

    /// <exception cref="UserError">The folder cannot be made.</exception>
    public static RatePlots Into(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.CannotWrite(folder, cause);
        }

        return new(folder);
    }

    /// <summary>PSNR and MS-SSIM over rate, as PNG and SVG.</summary>
    /// <returns>The paths.</returns>
    public IEnumerable<string> WriteCurves(ClipReport clip)
    {
        PlotPanel Panel(string label, Func<RatedPoint, double> quality, bool legend) => new(
            label,
            [.. clip.Codecs.Select((codec, i) => new PlotSeries(ShortName(codec.Key), Colours[i % Colours.Length], [.. codec.Value.Select(point => (point.Kbps, quality(point)))], PlotStyle.Marked))],
            ShowsLegend: legend);

        List<PlotPanel> panels = [Panel("PSNR 6:1:1, dB", point => point.Psnr611Db, legend: true)];
        if (clip.Codecs.Values.All(curve => curve.All(point => point.Msssim is not null)))
        {
            panels.Add(Panel("MS-SSIM, dB", point => MsSsim.ToDb(point.Msssim!.Value), legend: false));
        }

        LinePlot plot = new(FormattableString.Invariant($"{clip.Name}, {clip.Width}x{clip.Height}, {clip.Frames} frames"), "kbit/s", panels, Marks: []);
        yield return Write($"{clip.Name}-curves.png", stream => PngWriter.Write(stream, PlotPainter.Paint(plot)));
        yield return Write($"{clip.Name}-curves.svg", stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(plot.ToSvg())));
    }

    /// <returns>The path.</returns>
    public string WriteCloseUps(string clip, RgbImage sheet) => Write($"{clip}-crops.png", stream => PngWriter.Write(stream, sheet));

    /// <summary>Mean BD-rates as bars: how many times the anchor's bits ours takes.</summary>
    /// <returns>The path.</returns>
    public string WriteOverview(EvaluationReport report)
    {
        string[] anchors = [.. report.BdRatePercent.Keys];
        (string Label, Func<MeanBdRate, double?> Of)[] measures = [("PSNR 6:1:1", mean => mean.Psnr611), ("PSNR-Y", mean => mean.PsnrY), ("MS-SSIM", mean => mean.Msssim)];
        BarChart chart = new(
            FormattableString.Invariant($"{ShortName(report.Codec)}: bits at equal quality, mean of {report.Clips.Count}"),
            [.. anchors.Select(ShortName)],
            [.. measures.Select((measure, i) => (measure.Label, Colours[i]))],
            [new(
                "times the anchor's bits (below 1 = fewer)",
                [.. anchors.Select(anchor => measures.Select(measure => measure.Of(report.BdRatePercent[anchor]) is { } percent ? 1 + (percent / 100) : double.NaN).ToArray())],
                "0.00")]);
        return Write("bd-rate.png", stream => PngWriter.Write(stream, chart.ToImage()));
    }

    /// <summary>Of a model what tells it from others of ours; drawings have little room.</summary>
    public static string ShortName(string codec) => codec.Replace("-onnx-generic", "", StringComparison.Ordinal);

    private string Write(string name, Action<Stream> write)
    {
        string path = Path.Combine(_folder, name);
        using OutputFile file = new(path);
        file.Guard(() => write(file.Stream));
        file.Complete();
        return path;
    }
}
