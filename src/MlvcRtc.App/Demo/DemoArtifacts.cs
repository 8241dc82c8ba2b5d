using System.Globalization;
using System.Text;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Reports;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Drawing;

namespace MlvcRtc.App.Demo;

/// <summary>What a demo leaves behind for people to look at.</summary>
internal sealed class DemoArtifacts(Surroundings surroundings, string folder)
{
    /// <exception cref="UserError">The folder cannot be made.</exception>
    public void PrepareFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.CannotWrite(folder, cause);
        }
    }

    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>The video as B saw it: freezes included.</summary>
    /// <returns>The path.</returns>
    public string WriteVideo(PictureSpool spool, int pictures, PictureSize size, FrameRate rate)
    {
        string path = PathOf("received.mp4");
        using FfmpegWriter writer = new(surroundings.Ffmpeg, path, size, rate);
        spool.Replay(pictures, writer);
        writer.Complete();
        return path;
    }

    public string WriteSheet(RgbImage sheet)
    {
        string path = PathOf("side-by-side.png");
        using OutputFile file = new(path);
        file.Guard(() => PngWriter.Write(file.Stream, sheet));
        file.Complete();
        return path;
    }

    public string WritePlot(Timeline timeline, DemoReport report)
    {
        string path = PathOf("psnr-bitrate.svg");
        string title = string.Create(CultureInfo.InvariantCulture, $"mlvcrtc demo, A to B: {report.LossPercent:0.##} % loss, {report.RttMs:0} ms RTT, {report.TargetKbps} kbit/s");
        using OutputFile file = new(path);
        file.Write(Encoding.UTF8.GetBytes(timeline.ToSvg(title)));
        file.Complete();
        return path;
    }

    public string WriteReport(string report)
    {
        string path = PathOf("report.json");
        ReportFile.Write(path, report);
        return path;
    }
}
