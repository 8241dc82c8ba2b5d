namespace MlvcRtc.Call.Adaptation;

/// <summary>What is coded: the outcome of <see cref="VideoShaper"/>.</summary>
/// <param name="Width">Luma columns that captured pictures are scaled to; even.</param>
/// <param name="Height">Luma rows; even.</param>
/// <param name="HalfRate">Every second captured picture is left out before encoding: those that would be in the second temporal layer.</param>
/// <param name="Kbps">kbit/s of coded video, packet headers not included.</param>
public readonly record struct VideoShape(int Width, int Height, bool HalfRate, double Kbps)
{
    /// <summary>Luma samples of one picture.</summary>
    public int Samples => Width * Height;

    /// <summary>From one coded picture to the next.</summary>
    /// <param name="captureInterval">Of the camera.</param>
    public TimeSpan FrameInterval(TimeSpan captureInterval) => HalfRate ? 2 * captureInterval : captureInterval;

    /// <summary>An even share for every coded picture.</summary>
    /// <param name="captureInterval">Of the camera.</param>
    public double BitsPerFrame(TimeSpan captureInterval) => Kbps * FrameInterval(captureInterval).TotalMilliseconds;
}
