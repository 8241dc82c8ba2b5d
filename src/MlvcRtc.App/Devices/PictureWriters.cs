using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;

namespace MlvcRtc.App.Devices;

/// <summary>Chooses the writer by the output's ending.</summary>
internal static class PictureWriters
{
    /// <param name="surroundings">For ffmpeg.</param>
    /// <param name="output">Ends in .mp4, .y4m, .yuv, .i420 or .nv12.</param>
    /// <param name="size">Of the first picture.</param>
    /// <param name="rate">Written into .mp4 and .y4m.</param>
    /// <exception cref="UserError">Another ending, or it cannot be written.</exception>
    public static IPictureWriter Open(Surroundings surroundings, string output, PictureSize size, FrameRate rate) =>
        Path.GetExtension(output).ToUpperInvariant() switch
        {
            ".MP4" => new FfmpegWriter(surroundings.Ffmpeg, output, size, rate),
            ".Y4M" or ".YUV" or ".I420" or ".NV12" => new ClipFileWriter(output, size, rate),
            _ => throw UnknownEnding(output),
        };

    /// <summary>Refuses an ending before long work begins.</summary>
    /// <exception cref="UserError">It names no format.</exception>
    public static void CheckEnding(string output)
    {
        if (Path.GetExtension(output).ToUpperInvariant() is not (".MP4" or ".Y4M" or ".YUV" or ".I420" or ".NV12"))
        {
            throw UnknownEnding(output);
        }
    }

    private static UserError UnknownEnding(string output) =>
        new(ExitCode.BadInput, $"{output} does not say in which format to write. End it in .mp4, .y4m, .yuv (I420) or .nv12.");
}
