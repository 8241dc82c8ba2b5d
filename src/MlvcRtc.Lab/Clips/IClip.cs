using MlvcRtc.Media;

namespace MlvcRtc.Lab.Clips;

/// <summary>Frames per second as a fraction; both parts above 0.</summary>
public readonly record struct FrameRate(int Numerator, int Denominator)
{
    public double PerSecond => (double)Numerator / Denominator;

    /// <summary>Time from one frame to the next.</summary>
    public TimeSpan Interval => TimeSpan.FromSeconds((double)Denominator / Numerator);
}

/// <summary>Where pictures come from, one after the other.</summary>
public interface IClipReader
{
    /// <summary>Luma samples; even.</summary>
    int Width { get; }

    /// <summary>Luma samples; even.</summary>
    int Height { get; }

    FrameRate Rate { get; }

    /// <summary>The next picture, resized and stamped with its time in the clip; false at the end.</summary>
    /// <exception cref="InvalidDataException">The clip is damaged; the message says how.</exception>
    bool TryRead(VideoFrame picture);
}

/// <summary>Where pictures go, one after the other.</summary>
public interface IClipWriter
{
    void Write(VideoFrame picture);
}

/// <summary>How raw 4:2:0 files hold their chroma.</summary>
public enum RawLayout
{
    /// <summary>Y, then U, then V (.yuv).</summary>
    I420 = 0,

    /// <summary>Y, then U and V sample by sample (.nv12).</summary>
    Nv12 = 1,
}
