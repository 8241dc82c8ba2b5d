using MlvcRtc.Lab.Drawing;

namespace MlvcRtc.App.Demo;

/// <summary>How A to B went over time: one point per interval, and the instants of loss.</summary>
internal sealed class Timeline
{
    private readonly List<(double Seconds, double PsnrDb, double Kbps)> _points = [];
    private readonly List<double> _losses = [];

    /// <param name="seconds">End of the interval, since the start of the call.</param>
    /// <param name="psnrDb">Mean of the pictures shown in it; NaN when there was none.</param>
    /// <param name="kbps">Sent in it.</param>
    public void Add(double seconds, double psnrDb, double kbps) => _points.Add((seconds, psnrDb, kbps));

    public void AddLoss(double seconds) => _losses.Add(seconds);

    public string ToSvg(string title) => new LinePlot(
        title,
        "seconds",
        [
            new("PSNR 6:1:1, dB", [new("shown pictures", "#2f6fb5", [.. _points.Select(point => (point.Seconds, point.PsnrDb))])]),
            new("kbit/s", [new("sent", "#3a9455", [.. _points.Select(point => (point.Seconds, point.Kbps))])], YMin: 0),
        ],
        _losses,
        "packets lost").ToSvg();
}
