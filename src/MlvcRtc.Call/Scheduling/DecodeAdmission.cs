using MlvcRtc.Media;

namespace MlvcRtc.Call.Scheduling;

/// <summary>
/// Which frames are worth decoding. Only a frame to which no other refers is ever left out, and only while the decoder is behind: what waits takes long to decode, and the frame's picture would come
/// after the time to show it. Pure: time comes in. One thread at a time.
/// </summary>
public sealed class DecodeAdmission
{
    /// <summary>So much work waits that it shows: one and a half frame intervals at 30 frames/s. A quick decoder catches up without leaving anything out.</summary>
    private static readonly TimeSpan Behind = TimeSpan.FromMilliseconds(50);

    private readonly WorkTime _work = new();

    /// <summary>Whether to decode the frame.</summary>
    /// <param name="waiting">Frames that wait behind it.</param>
    /// <param name="due">When its picture should be shown; null = as soon as it can be.</param>
    public bool Admits(EncodedFrame frame, int waiting, TimeSpan? due, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        bool behind = waiting > 0 && (waiting + 1) * _work.Expected > Behind;
        bool late = due is not { } time || now + _work.Expected > time;
        return !(frame.Discardable && behind && late);
    }

    /// <summary>A frame was decoded.</summary>
    public void Decoded(TimeSpan taken) => _work.Add(taken);
}
