using MlvcRtc.Media;

namespace MlvcRtc.App.Demo;

/// <summary>
/// The last captured pictures, so that what the other end shows can be compared with what was captured. A ring: the oldest is overwritten.
/// The capture thread adds, the present thread asks.
/// </summary>
internal sealed class FrameHistory
{
    private readonly VideoFrame[] _ring;
    private readonly Lock _gate = new();
    private long _count;

    /// <param name="capacity">Pictures kept: longest latency times the frame rate.</param>
    public FrameHistory(int capacity)
    {
        _ring = new VideoFrame[capacity];
        for (int i = 0; i < capacity; i++)
        {
            _ring[i] = new();
        }
    }

    public void Add(VideoFrame picture)
    {
        lock (_gate)
        {
            _ring[_count % _ring.Length].CopyFrom(picture);
            _count++;
        }
    }

    /// <summary>Copies out the picture that was captured at, or nearest to, <paramref name="captureTime"/>: RTP rounds it to 1/90000 s.</summary>
    /// <returns>Its index since the first captured picture; -1 when it is overwritten or nothing was captured.</returns>
    public long Find(TimeSpan captureTime, VideoFrame picture)
    {
        lock (_gate)
        {
            long best = -1;
            for (long index = Math.Max(0, _count - _ring.Length); index < _count; index++)
            {
                if (best < 0 || DistanceOf(index, captureTime) < DistanceOf(best, captureTime))
                {
                    best = index;
                }
            }

            if (best < 0 || DistanceOf(best, captureTime) > MediaTick)
            {
                return -1;
            }

            picture.CopyFrom(_ring[best % _ring.Length]);
            return best;
        }
    }

    /// <summary>Two ticks of the 90 kHz clock: rounding at both ends.</summary>
    private static readonly TimeSpan MediaTick = TimeSpan.FromMicroseconds(23);

    private TimeSpan DistanceOf(long index, TimeSpan captureTime) => (_ring[index % _ring.Length].CaptureTime - captureTime).Duration();
}
