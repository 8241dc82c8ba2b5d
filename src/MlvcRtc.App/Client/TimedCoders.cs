using MlvcRtc.Media;

namespace MlvcRtc.App.Client;

/// <summary>An encoder whose time is measured.</summary>
internal sealed class TimedEncoder(IVideoEncoder encoder, StageTime stage, TimeProvider time) : IVideoEncoder
{
    public EncodeStatus Encode(VideoFrame picture, in EncodeRequest request, EncodedFrame coded)
    {
        TimeSpan begun = MediaClock.Now(time);
        EncodeStatus status = encoder.Encode(picture, request, coded);
        stage.Add(MediaClock.Now(time) - begun);
        return status;
    }

    /// <summary>Leaves the encoder alone.</summary>
    public void Dispose()
    {
    }
}

/// <summary>A decoder whose time is measured.</summary>
internal sealed class TimedDecoder(IVideoDecoder decoder, StageTime stage, TimeProvider time) : IVideoDecoder
{
    public DecodeStatus Decode(EncodedFrame frame, VideoFrame picture)
    {
        TimeSpan begun = MediaClock.Now(time);
        DecodeStatus status = decoder.Decode(frame, picture);
        stage.Add(MediaClock.Now(time) - begun);
        return status;
    }

    /// <summary>Leaves the decoder alone.</summary>
    public void Dispose()
    {
    }
}

/// <summary>Mean time of one stage between two readings. Safe for concurrent use.</summary>
internal sealed class StageTime
{
    private readonly Lock _guard = new();
    private TimeSpan _sum;
    private int _count;

    public void Add(TimeSpan taken)
    {
        lock (_guard)
        {
            _sum += taken;
            _count++;
        }
    }

    /// <summary>Milliseconds since the reading before; null = nothing happened.</summary>
    public double? Take()
    {
        lock (_guard)
        {
            double? mean = _count == 0 ? null : Math.Round(_sum.TotalMilliseconds / _count, 2);
            (_sum, _count) = (TimeSpan.Zero, 0);
            return mean;
        }
    }
}
