using MlvcRtc.Call.Adaptation;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Call.Sending;

/// <summary>
/// Before step 2: puts <see cref="VideoShaper"/>'s word into effect. Says of each captured picture whether it is coded, whether other frames may refer to it, and scales
/// it. When the pacer is behind, pictures that no frame would refer to are skipped first (half an interval of queue), then all (a whole one). Allocates nothing
/// while the size stays. Time comes in. One thread at a time; the figures may be read from any.
/// </summary>
/// <param name="options">Null = full size and rate, one layer, whatever the bitrate.</param>
/// <param name="captureInterval">One frame at the camera's rate.</param>
public sealed class ShapeStage(AdaptationOptions? options, IFrameBudget budget, TargetRate rate, TimeSpan captureInterval)
{
    private readonly VideoShaper? _shaper = options is null ? null : new VideoShaper(options, captureInterval);
    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();
    private readonly LayerPattern _layers = new();
    private readonly Lock _guard = new();
    private VideoShape _shape;
    private (int Width, int Height)? _codedSize;
    private double? _samplesPerSecond;

    /// <summary>What is coded now.</summary>
    public VideoShape Shape
    {
        get
        {
            lock (_guard)
            {
                return _shape;
            }
        }
    }

    /// <summary>Luma samples that the machines at both ends code in a second; null = no limit known.</summary>
    public double? SamplesPerSecond
    {
        get
        {
            lock (_guard)
            {
                return _samplesPerSecond;
            }
        }

        set
        {
            lock (_guard)
            {
                _samplesPerSecond = value;
            }
        }
    }

    /// <summary>Every second captured picture is left out: the second layer is not sent, and what is sent is base layer.</summary>
    public bool IsHalfRate => _shape.HalfRate;

    /// <summary>No later frame need refer to the next one; a frame that is marked or repairs something is better not.</summary>
    public bool MayBeDiscardable => options is { TwoLayers: true } && !_shape.HalfRate && _layers.IsOdd;

    /// <summary>From one coded picture to the next.</summary>
    public TimeSpan FrameInterval => _shape.FrameInterval(captureInterval);

    /// <summary>The next coded frame has another size than the last.</summary>
    public bool NeedsKeyFrame => _codedSize is { } size && size != (_shape.Width, _shape.Height);

    /// <summary>What becomes of this picture: Coded, LeftOut or SkippedForQueue.</summary>
    /// <param name="resentShare">Share of the rate that retransmissions take, 0..1.</param>
    /// <param name="queueTime">Of the pacer.</param>
    public EncodeOutcome Decide(VideoFrame picture, double resentShare, TimeSpan queueTime, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(picture);
        VideoShape before = _shape;
        VideoShape shape = _shaper?.Shape(new ShapeInputs(rate.Kbps, resentShare, SamplesPerSecond), picture.Width, picture.Height, now)
            ?? new VideoShape(picture.Width, picture.Height, HalfRate: false, rate.Kbps * (1 - resentShare));
        lock (_guard)
        {
            _shape = shape;
        }

        TimeSpan interval = FrameInterval;
        bool asCaptured = (shape.Width, shape.Height, shape.HalfRate) == (picture.Width, picture.Height, false);
        if (before == default ? !asCaptured : shape with { Kbps = 0 } != before with { Kbps = 0 })
        {
            budget.Reshape(shape, interval);
        }

        budget.TargetKbps = shape.Kbps;
        if (shape.HalfRate && _layers.IsOdd)
        {
            _layers.Skipped();
            return EncodeOutcome.LeftOut;
        }

        if (queueTime > (MayBeDiscardable ? interval / 2 : interval))
        {
            _layers.Skipped();
            return EncodeOutcome.SkippedForQueue;
        }

        return EncodeOutcome.Coded;
    }

    /// <summary>The picture in the size to code; valid until the next call.</summary>
    public VideoFrame Scaled(VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        if (picture.Width == _shape.Width && picture.Height == _shape.Height)
        {
            return picture;
        }

        _scaler.Scale(picture, _shape.Width, _shape.Height, _scaled);
        return _scaled;
    }

    /// <summary>The picture was coded.</summary>
    /// <param name="discardable">No later frame refers to it.</param>
    public void Coded(bool discardable)
    {
        _layers.Coded(discardable);
        _codedSize = (_shape.Width, _shape.Height);
    }

    /// <summary>The picture was skipped after all.</summary>
    public void Skipped() => _layers.Skipped();
}
