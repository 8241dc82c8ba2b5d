using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Media;

namespace MlvcRtc.App.Demo;

/// <summary>
/// The pictures that were shown, on disk until the call is over: coding them as mp4 during the call would take the processor from it, and keeping them in
/// memory would take tens of megabytes.
/// </summary>
internal sealed class PictureSpool : IDisposable
{
    private readonly string _path;
    private readonly PictureSize _size;
    private readonly FileStream _file;
    private readonly List<long> _captureIndices = [];

    /// <exception cref="UserError">The folder cannot be written.</exception>
    public PictureSpool(string path, PictureSize size)
    {
        _path = path;
        _size = size;
        try
        {
            _file = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw OutputFile.CannotWrite(path, cause);
        }
    }

    public int Count => _captureIndices.Count;

    /// <param name="captureIndex">Which captured picture it shows.</param>
    /// <param name="picture">Of the spool's size.</param>
    public void Add(long captureIndex, VideoFrame picture)
    {
        try
        {
            _file.Write(picture.Samples);
        }
        catch (IOException cause)
        {
            throw OutputFile.CannotWrite(_path, cause);
        }

        _captureIndices.Add(captureIndex);
    }

    /// <summary>Plays what the viewer saw at the rate of capture: a picture that never came is replaced by the one before it.</summary>
    /// <param name="slots">Pictures that were captured.</param>
    /// <param name="writer">Gets one picture per slot.</param>
    public void Replay(int slots, IPictureWriter writer)
    {
        VideoFrame picture = new(_size.Width, _size.Height);
        int shown = -1;
        for (int slot = 0; slot < slots && Count > 0; slot++)
        {
            int newest = Math.Max(shown, 0);
            while (newest + 1 < Count && _captureIndices[newest + 1] <= slot)
            {
                newest++;
            }

            if (newest != shown)
            {
                _file.Position = (long)newest * _size.FrameBytes;
                _file.ReadExactly(picture.Samples);
                shown = newest;
            }

            writer.Write(picture);
        }
    }

    public void Dispose() => _file.Dispose();
}
