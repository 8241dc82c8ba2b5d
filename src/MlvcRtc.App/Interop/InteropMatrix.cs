using System.Globalization;
using MlvcRtc.Lab.Drawing;

namespace MlvcRtc.App.Interop;

/// <summary>The pairs as a matrix of coloured cells.</summary>
internal static class InteropMatrix
{
    /// <summary>Of a loss: none to more than 1 dB, light to dark; colour-blind safe.</summary>
    private static readonly (double AtMostDb, string Colour)[] Colours = [(0.02, "#d3ecd8"), (0.1, "#e9efbf"), (0.5, "#fbe3a0"), (1, "#f3b375"), (double.PositiveInfinity, "#df7f6b")];

    private const string Failed = "#8a1538";

    public static RgbImage Draw(InteropReport report)
    {
        HeatMap map = new(
            FormattableString.Invariant($"PSNR lost after {report.FramesPerClip} frames, dB"),
            "encoder",
            "decoder",
            [.. report.Environments.Select(environment => environment.Name)],
            [.. report.Environments.Select(environment => environment.Name)],
            [.. report.Environments.Select(encoder => report.Environments.Select(decoder => Cell(report.Pairs.Single(pair => pair.Encoder == encoder.Name && pair.Decoder == decoder.Name))).ToArray())],
            FormattableString.Invariant($"{report.Frames} frames of {report.Clips.Count} clips, QP {report.Qp}, one key frame each: {report.EntropyFailures} entropy failures"));
        return map.ToImage();
    }

    private static HeatCell Cell(InteropPair pair) =>
        pair.EntropyFailures > 0
            ? new(string.Create(CultureInfo.InvariantCulture, $"{pair.EntropyFailures} failed"), Failed, "#ffffff")
            : new(
                pair.EqualPictures == pair.Frames ? "equal" : pair.EndLossDb.ToString("0.000;-0.000;0.000", CultureInfo.InvariantCulture),
                Array.Find(Colours, colour => pair.EndLossDb <= colour.AtMostDb).Colour,
                "#23262b");
}
