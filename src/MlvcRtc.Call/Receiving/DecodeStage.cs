using MlvcRtc.Call.Statistics;
using MlvcRtc.Media;
using MlvcRtc.Rtp.Feedback;
using MlvcRtc.Rtp.Packets;
using MlvcRtc.Rtp.Reassembly;

namespace MlvcRtc.Call.Receiving;

/// <summary>
/// Step 9: decodes whole frames into the next picture of <see cref="PresentStage"/>. A frame whose reference was not decoded is not fed. One thread at a
/// time; the figures may be read from any.
/// </summary>
public sealed class DecodeStage(IVideoDecoder decoder, PresentStage present, FeedbackScheduler feedback)
{
    private readonly ReferenceTracker _held = new();
    private readonly SequenceUnwrapper _frameNumbers = new();
    private readonly Counter _framesDecoded = new();
    private readonly Counter _keyFrames = new();
    private readonly Counter _recoveryFrames = new();
    private readonly Counter _recoveries = new();
    private readonly Counter _notDecodable = new();
    private readonly Counter _failed = new();
    private readonly Counter _skipped = new();
    private long? _lastDecoded;

    public long FramesDecoded => _framesDecoded.Value;

    public long KeyFramesDecoded => _keyFrames.Value;

    /// <summary>Frames decoded from a slot.</summary>
    public long RecoveryFramesDecoded => _recoveryFrames.Value;

    /// <summary>Times that a key or recovery frame brought the picture back after frames were missing.</summary>
    public long Recoveries => _recoveries.Value;

    /// <summary>Whole frames that were not fed because their reference was not decoded.</summary>
    public long FramesNotDecodable => _notDecodable.Value;

    /// <summary>Frames to which no other refers, left out because there was no time for them.</summary>
    public long FramesSkipped => _skipped.Value;

    /// <summary>Frames that the decoder refused.</summary>
    public long FramesFailed => _failed.Value;

    /// <summary>Why the decoder refused the last frame that it refused; Ok = it never did.</summary>
    public DecodeStatus LastFailure { get; private set; }

    /// <summary>The last <see cref="Decode"/> gave the sender something to hear at once: a broken picture, or a marked frame that is held.</summary>
    public bool HasNews { get; private set; }

    /// <summary>Step 9: decodes one frame. True when <see cref="PresentStage.Next"/> holds its picture: add it.</summary>
    public bool Decode(EncodedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);

        long number = NumberOf(frame);
        long reference = number - (ushort)(frame.FrameId - frame.ReferenceId);
        bool feed = _held.CanDecode(frame.Type, reference);
        DecodeStatus status = feed ? decoder.Decode(frame, present.Next) : DecodeStatus.MissingReference;
        bool decoded = status == DecodeStatus.Ok;  // an access unit without a picture does not answer a request for one
        if (decoded)
        {
            _held.Add(number, frame.Type, frame.TemporalId, frame.LtrSlot);
            CountDecoded(frame.Type, number);
            _lastDecoded = number;
        }
        else
        {
            (feed ? _failed : _notDecodable).Add();
            LastFailure = feed ? status : LastFailure;
            if (feed)
            {
                Distrust(frame.Type, status, reference);
            }
        }

        HasNews = feedback.FrameTaken(frame, decoded, (ushort?)_held.NewestKept);
        return decoded;
    }

    /// <summary>In place of <see cref="Decode"/>: there is no time for this frame. Only for one to which no other refers.</summary>
    /// <exception cref="ArgumentException">Later frames may refer to it.</exception>
    public void Skip(EncodedFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (!frame.Discardable)
        {
            throw new ArgumentException($"Frame {frame.FrameId} may be a reference of later ones; leaving it out breaks the picture.", nameof(frame));
        }

        long number = NumberOf(frame);
        _lastDecoded = number == _lastDecoded + 1 ? number : _lastDecoded;  // what comes next follows without a break
        _skipped.Add();
        feedback.FrameTaken(frame, decoded: false, (ushort?)_held.NewestKept);
        HasNews = false;
    }

    /// <summary>One circle above zero, so that references before the first frame stay positive.</summary>
    private long NumberOf(EncodedFrame frame) => _frameNumbers.Unwrap(frame.FrameId) + 0x10000;

    /// <summary>The decoder refused a frame whose reference we thought it held: what the refusal says of its states.</summary>
    private void Distrust(FrameType type, DecodeStatus status, long reference)
    {
        if (type == FrameType.Intra || status is DecodeStatus.NeedsKeyFrame or DecodeStatus.UnknownModel)
        {
            _held.Clear();  // a key frame ends what was before it even when it fails
        }
        else if (status == DecodeStatus.MissingReference)
        {
            _held.Remove(reference);
        }
    }

    private void CountDecoded(FrameType type, long number)
    {
        _framesDecoded.Add();
        if (type == FrameType.Intra)
        {
            _keyFrames.Add();
        }
        else if (type == FrameType.Recovery)
        {
            _recoveryFrames.Add();
        }

        if (type != FrameType.Inter && _lastDecoded is { } last && number != last + 1)
        {
            _recoveries.Add();
        }
    }
}
