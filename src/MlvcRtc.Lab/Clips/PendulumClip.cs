using MlvcRtc.Media;

namespace MlvcRtc.Lab.Clips;

/// <summary>Pictures in memory, played forward and backward for ever: motion without a cut.</summary>
/// <param name="pictures">At least one; they stay the caller's.</param>
public sealed class PendulumClip(IReadOnlyList<VideoFrame> pictures, FrameRate rate) : IClipReader
{
    private long _index;

    public int Width => pictures[0].Width;

    public int Height => pictures[0].Height;

    public FrameRate Rate => rate;

    public bool TryRead(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        int period = Math.Max((2 * pictures.Count) - 2, 1);
        int phase = (int)(_index % period);
        picture.CopyFrom(pictures[phase < pictures.Count ? phase : period - phase]);
        picture.CaptureTime = rate.Interval * _index++;
        return true;
    }
}
