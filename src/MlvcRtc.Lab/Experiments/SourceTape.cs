using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Experiments;

/// <summary>Passes the pictures of a clip on, up to a number, and keeps the last of them for comparison.</summary>
internal sealed class SourceTape(IClipReader clip, int pictures, int kept) : IClipReader
{
    private readonly VideoFrame?[] _ring = new VideoFrame?[kept];
    private int _read;

    public int Width => clip.Width;

    public int Height => clip.Height;

    public FrameRate Rate => clip.Rate;

    public bool TryRead(VideoFrame picture)
    {
        if (_read == pictures || !clip.TryRead(picture))
        {
            return false;
        }

        (_ring[_read++ % kept] ??= new VideoFrame()).CopyFrom(picture);
        return true;
    }

    /// <summary>Picture <paramref name="index"/>; null when it was not captured or is no longer kept.</summary>
    public VideoFrame? At(int index) => index < _read && index >= _read - kept ? _ring[index % kept] : null;
}
