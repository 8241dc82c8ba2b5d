using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Uncompressed clips, written without ffmpeg: .y4m, and headerless I420 (.yuv, .i420) or NV12 (.nv12).</summary>
internal sealed class ClipFileWriter : IPictureWriter
{
    private readonly OutputFile _file;
    private readonly IClipWriter _writer;

    /// <exception cref="UserError">The file cannot be written.</exception>
    public ClipFileWriter(string path, PictureSize size, FrameRate rate)
    {
        _file = new(path);
        try
        {
            _writer = Path.GetExtension(path).ToUpperInvariant() switch
            {
                ".Y4M" => new Y4mWriter(_file.Stream, size.Width, size.Height, rate),
                ".NV12" => new RawClipWriter(_file.Stream, RawLayout.Nv12),
                _ => new RawClipWriter(_file.Stream, RawLayout.I420),
            };
        }
        catch (IOException cause)
        {
            _file.Dispose();
            throw OutputFile.CannotWrite(path, cause);
        }
    }

    public void Write(VideoFrame picture) => _file.Guard(() => _writer.Write(picture));

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();
}
