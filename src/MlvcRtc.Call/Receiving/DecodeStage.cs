using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Steps 9 and 10: decodes whole frames and shows them. A frame whose reference was not decoded is not fed. Time comes in.
/// One thread at a time; the figures may be read from any.
/// </summary>
public sealed class DecodeStage(IVideoDecoder decoder, IVideoSink sink, KeyFrameRequester requester)
{
    private readonly VideoFrame _picture = new();
    private readonly ReferenceTracker _decoded = new();
    private readonly SequenceUnwrapper _frameNumbers = new();
    private readonly FreezeDetector _freezes = new();
    private readonly Lock _guard = new();
    private readonly Counter _framesDecoded = new();
    private readonly Counter _keyFrames = new();
    private readonly Counter _recoveries = new();
    private readonly Counter _notDecodable = new();
    private readonly Counter _failed = new();
    private long? _lastDecoded;

    public long FramesDecoded => _framesDecoded.Value;

    public long KeyFramesDecoded => _keyFrames.Value;

    /// <summary>Times that a key or recovery frame brought the picture back after frames were missing.</summary>
    public long Recoveries => _recoveries.Value;

    /// <summary>Whole frames that were not fed because their reference was not decoded.</summary>
    public long FramesNotDecodable => _notDecodable.Value;

    /// <summary>Frames that the decoder refused.</summary>
    public long FramesFailed => _failed.Value;

    /// <summary>Why the decoder refused the last frame that it refused; Ok = it never did.</summary>
    public DecodeStatus LastFailure { get; private set; }

    /// <summary>Capture to presentation; meaningful only when both ends share a clock.</summary>
    public RunningPercentiles Latency { get; } = new();

    /// <summary>Count, summed and longest duration of freezes (webrtc-stats).</summary>
    public (int Count, TimeSpan Total, TimeSpan Longest) Freezes
    {
        get
        {
            lock (_guard)
            {
                return (_freezes.Count, _freezes.TotalDuration, _freezes.Longest);
            }
        }
    }

    /// <summary>Step 9: decodes one frame. True when there is a picture to <see cref="Show"/>.</summary>
    public bool Decode(EncodedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);

        // One circle above zero, so that references before the first frame stay positive.
        long number = _frameNumbers.Unwrap(frame.FrameId) + 0x10000;
        long reference = number - (ushort)(frame.FrameId - frame.ReferenceId);
        bool feed = _decoded.CanDecode(frame.Type, reference);
        DecodeStatus status = feed ? decoder.Decode(frame.Payload, _picture) : DecodeStatus.MissingReference;
        bool decoded = status == DecodeStatus.Ok;  // an access unit without a picture does not answer a request for one
        if (frame.Type == FrameType.Intra)
        {
            requester.KeyFrameTaken(decoded);
        }
        else if (!decoded)
        {
            requester.FrameFailed();
        }

        if (!decoded)
        {
            (feed ? _failed : _notDecodable).Add();
            LastFailure = feed ? status : LastFailure;
            return false;
        }

        _decoded.Add(number, frame.Type, frame.LtrSlot);
        CountDecoded(frame.Type, number);
        _lastDecoded = number;
        return status == DecodeStatus.Ok;
    }

    /// <summary>Step 10: shows the picture that <see cref="Decode"/> made of this frame.</summary>
    public void Show(EncodedFrame frame, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        _picture.CaptureTime = frame.CaptureTime;
        TimeSpan latency = now - frame.CaptureTime;
        Latency.Add(latency);
        lock (_guard)
        {
            _freezes.Shown(now);
        }

        sink.Present(_picture, new PresentedFrame(frame.FrameId, frame.Type, now, latency, frame.Payload.Length));
    }

    private void CountDecoded(FrameType type, long number)
    {
        _framesDecoded.Add();
        if (type == FrameType.Intra)
        {
            _keyFrames.Add();
        }

        if (type != FrameType.Inter && _lastDecoded is { } last && number != last + 1)
        {
            _recoveries.Add();
        }
    }
}
