using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>Headerless pictures one after the other: I420 (.yuv, .i420) or NV12 (.nv12). A size that changes half-way is written as it comes.</summary>
internal sealed class RawFileWriter : IPictureWriter
{
    private readonly OutputFile _file;
    private readonly bool _interleaved;
    private byte[] _chroma = [];

    public RawFileWriter(string path)
    {
        _interleaved = Path.GetExtension(path).Equals(".nv12", StringComparison.OrdinalIgnoreCase);
        _file = new(path);
    }

    public void Write(VideoFrame picture)
    {
        if (!_interleaved)
        {
            _file.Write(picture.Samples);
            return;
        }

        int chromaBytes = picture.Width * picture.Height / 2;
        if (_chroma.Length < chromaBytes)
        {
            _chroma = new byte[chromaBytes];
        }

        InterleavedChroma.Join(picture, _chroma);
        _file.Write(picture.Y);
        _file.Write(_chroma.AsSpan(0, chromaBytes));
    }

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();
}
