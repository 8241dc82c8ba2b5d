using MlvcRtc.App.Calls;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Reports;
using MlvcRtc.App.Tracing;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Sending;
using MlvcRtc.Call.Tracing;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Network;
using MlvcRtc.Rtp;

namespace MlvcRtc.App.Demo;

/// <summary>How one direction is set up.</summary>
/// <param name="Name">For people: "A to B".</param>
/// <param name="Kbps">Coded video, kbit/s.</param>
/// <param name="Pictures">To capture.</param>
/// <param name="SenderSsrc">Of the video.</param>
/// <param name="ReceiverSsrc">Of the feedback.</param>
internal sealed record DirectionSettings(string Name, int Kbps, int Pictures, uint SenderSsrc, uint ReceiverSsrc);

/// <summary>
/// One direction of the demo call, end to end: source, encoder and sending half at one end; receiving half, decoder and viewer at the other. Owns
/// all of them but the source and the links.
/// </summary>
internal sealed class DemoDirection : IDisposable
{
    /// <summary>Longest capture-to-presentation time that can still be compared.</summary>
    private static readonly TimeSpan LongestLatency = TimeSpan.FromSeconds(3);

    private readonly DirectionSettings _settings;
    private readonly DemoSettings _demo;
    private readonly IPictureSource _source;
    private readonly VideoCoders _coders;
    private readonly StateLedger _ledger = new();
    private readonly Viewer _viewer;

    public DemoDirection(
        DirectionSettings settings,
        DemoSettings demo,
        IPictureSource source,
        (ModelBundle Bundle, OnnxEngine Engine) model,
        (IPacketLink Sender, IPacketLink Receiver) ends,
        (PictureSpool? Spool, Moments? Moments) keepers,
        TraceRecording? trace,
        TimeProvider time)
    {
        _settings = settings;
        _demo = demo;
        _source = source;
        _coders = new(model.Bundle, source.Size, source.Rate, settings.Kbps, model.Engine);
        FrameHistory history = new((int)Math.Ceiling(source.Rate.PerSecond * LongestLatency.TotalSeconds));
        _viewer = new(source.Size, history, keepers.Spool, keepers.Moments);
        TraceTrack? track = trace?.Track(settings.Name);
        Sending = new(
            _coders.Encoder,
            _coders.Budget,
            new TargetRate(settings.Kbps),
            ends.Sender,
            new SendOptions(new(settings.SenderSsrc), source.Rate.Interval) { Trace = track },
            time);
        Sending.FrameEncoded += coded => _ledger.Enter(coded.FrameId, _coders.Encoder.LastState);
        Receiving = new(_coders.Decoder, _viewer, ends.Receiver, new ReceiveOptions(settings.ReceiverSsrc, settings.SenderSsrc) { Trace = track }, time) { RoundTripTime = demo.RoundTrip };
        Receiving.FrameDecoded += decoded => _ledger.Compare(decoded.FrameId, _coders.Decoder.LastState);
        if (track is not null)
        {
            trace!.Follow(Sending, _coders.Encoder, track);
            trace.Follow(Receiving, _coders.Decoder, track);
        }

        Capture = new(source, Sending, new CaptureOptions(settings.Pictures, history.Add), time);
    }

    public string Name => _settings.Name;

    public SendPipeline Sending { get; }

    public ReceivePipeline Receiving { get; }

    public CaptureService Capture { get; }

    /// <summary>Sum in dB (6:1:1) and number of the compared pictures so far.</summary>
    public (double SumDb, int Count) Psnr => _viewer.Psnr;

    /// <inheritdoc cref="VideoCoders.WarmUp"/>
    public void WarmUp() => _coders.WarmUp();

    /// <param name="counts">What the simulated network did to this direction.</param>
    public DirectionReport Report(LinkCounts counts)
    {
        SendStatistics sent = Sending.Statistics;
        ReceiveStatistics received = Receiving.Statistics;
        double seconds = Capture.Elapsed.TotalSeconds;
        (double sumDb, int compared) = _viewer.Psnr;
        return new()
        {
            Seconds = Math.Round(seconds, 3),
            Width = _source.Size.Width,
            Height = _source.Size.Height,
            Fps = Math.Round(_source.Rate.PerSecond, 3),
            FramesCaptured = (int)sent.FramesCaptured,
            FramesDropped = (int)sent.FramesDropped,
            FramesSkipped = (int)sent.FramesSkipped,
            FramesEncoded = (int)sent.FramesEncoded,
            FramesDecoded = (int)received.FramesDecoded,
            DecodedRatio = sent.FramesEncoded == 0 ? 0 : Math.Round((double)received.FramesDecoded / sent.FramesEncoded, 4),
            SendKbps = seconds == 0 ? 0 : Math.Round(sent.BytesSent * 8 / 1000.0 / seconds, 1),
            TargetKbps = _settings.Kbps,
            LossPercent = _demo.LossPercent,
            RttMs = _demo.RoundTrip.TotalMilliseconds,
            PacketsSent = counts.Sent,
            PacketsLost = counts.Lost + counts.Overflowed,
            MeanPsnrDb = compared == 0 ? 0 : Math.Round(sumDb / compared, 2),
            FreezeCount = received.FreezeCount,
            FreezeMsTotal = Math.Round(received.FreezeTotal.TotalMilliseconds, 1),
            Recoveries = (int)received.Recoveries,
            KeyFrames = (int)sent.KeyFrames,
            KeyFrameRequests = (int)received.KeyFrameRequests,
            LatencyMs = new(Math.Round(received.LatencyP50.TotalMilliseconds, 1), Math.Round(received.LatencyP95.TotalMilliseconds, 1)),
            StateMismatches = _ledger.Mismatches,
            StatesCompared = _ledger.Compared,
        };
    }

    /// <summary>The services must have stopped.</summary>
    public void Dispose()
    {
        Capture.Dispose();
        _coders.Dispose();
    }
}
