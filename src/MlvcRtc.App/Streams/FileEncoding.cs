using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Reports;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Codec.References;
using MlvcRtc.Media;

namespace MlvcRtc.App.Streams;

/// <summary>What the user asked of an encoding. At most one of Qp, Crf and Kbps is set.</summary>
/// <param name="Output">Stream file.</param>
/// <param name="Qp">Constant QP, 0 (best) .. 51; null = the default, --crf or --kbps.</param>
/// <param name="Crf">Constant rate factor, 0 (best) .. 51: a QP around which each frame's lies by its place.</param>
/// <param name="Kbps">Constant rate, kbit/s.</param>
/// <param name="Frames">Pictures to read at most; null = all.</param>
/// <param name="Gop">The prediction pattern.</param>
internal sealed record EncodeSettings(string Output, int? Qp, int? Crf, int? Kbps, int? Frames, GopOptions Gop);

/// <summary>Figures of one encoding.</summary>
internal sealed record EncodeReport(
    int Width,
    int Height,
    double Fps,
    int Frames,
    int FramesSkipped,
    int KeyFrames,
    long Bytes,
    double Kbps,
    double MeanQp,
    Percentiles EncodeMs,
    double EncodeFps,
    double PeakResidentMb);

/// <summary>One run of 'encode'.</summary>
internal sealed class FileEncoding(Surroundings surroundings, ModelBundle bundle, IPictureSource source, EncodeSettings settings)
{
    /// <summary>The middle of the useful range 18..48.</summary>
    private const int DefaultQp = 32;

    private readonly List<double> _encodeMs = [];
    private readonly EncodedFrame _coded = new();
    private long _qpSum;
    private int _keyFrames;
    private int _skipped;
    private int _place; // of the next frame since the key frame

    /// <exception cref="UserError">The input ends early or the output cannot be written.</exception>
    public EncodeReport Run(CancellationToken cancel)
    {
        if (source.Size.Check() is { } complaint)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name}: {complaint}");
        }

        surroundings.Terminal.Notice(source.Notice);
        using Encoder encoder = new(bundle, new OnnxEngine(), new EncoderOptions { Gop = settings.Gop });
        ModelChoice choice = ModelSelection.Choose(bundle.Models, source.Size.Width, source.Size.Height);
        RateController? rate = RateOf(choice);
        Func<FrameType, int> qpOf = QpOf(choice.Model.QpScale);
        using OutputFile output = new(settings.Output);
        using (ProgressLine progress = new(surroundings.Terminal, surroundings.Time, "encoded", settings.Frames))
        {
            VideoFrame picture = new();
            int read = 0;
            while (read < (settings.Frames ?? int.MaxValue) && source.Read(picture, cancel))
            {
                cancel.ThrowIfCancellationRequested();
                picture.CaptureTime = source.Rate.TimeOf(read++);
                EncodeOne(encoder, rate, qpOf, picture, output);
                progress.Show(read);
            }
        }

        if (_encodeMs.Count == 0)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name} holds no picture.");
        }

        long bytes = output.Length;
        output.Complete();
        surroundings.Terminal.Notice(_encodeMs.Count + _skipped == settings.Frames ? null : source.Notice);
        return Summary(bytes);
    }

    private RateController? RateOf(ModelChoice choice)
    {
        if (settings.Kbps is not { } kbps)
        {
            return null;
        }

        RateControlOptions options = new()
        {
            TargetKbps = kbps,
            FramesPerSecond = source.Rate.PerSecond,
            PixelsPerFrame = choice.PictureWidth * choice.PictureHeight,
        };
        return new(options, choice.Model.QpScale);
    }

    private Func<FrameType, int> QpOf(QpScale scale)
    {
        if (settings.Crf is not { } crf)
        {
            return _ => settings.Qp ?? DefaultQp;
        }

        QpCascade cascade = new(scale);
        return type => cascade.QpOf(scale.QIndexOf(crf), PlaceOf(type));
    }

    private int PlaceOf(FrameType type) => type switch { FrameType.Intra => 0, FrameType.Recovery => QpCascade.Period, _ => _place };

    private void EncodeOne(Encoder encoder, RateController? rate, Func<FrameType, int> qpOf, VideoFrame picture, OutputFile output)
    {
        FrameType type = encoder.Preview(picture, default);
        EncodeRequest request = new(qpOf(type));
        if (rate is not null)
        {
            RateDecision decision = rate.Plan(type, picture.CaptureTime);
            if (decision.Skip)
            {
                _skipped++;
                return;
            }

            request = new EncodeRequest(decision.Qp, MostBits: decision.MostBits);
        }

        long begun = surroundings.Time.GetTimestamp();
        EncodeStatus status = encoder.Encode(picture, request, _coded);
        _encodeMs.Add(surroundings.Time.GetElapsedTime(begun).TotalMilliseconds);
        if (status != EncodeStatus.Ok)
        {
            throw new UserError(ExitCode.Failed, $"The encoder refused picture {_encodeMs.Count - 1} of {source.Name} ({status}).");
        }

        rate?.Commit(_coded.Payload.Length * 8, _coded.Qp);
        output.Write(_coded.Payload);
        _qpSum += _coded.Qp;
        _keyFrames += _coded.Type == FrameType.Intra ? 1 : 0;
        _place = PlaceOf(_coded.Type) + 1;
    }

    private EncodeReport Summary(long bytes)
    {
        int frames = _encodeMs.Count;
        double seconds = (frames + _skipped) / source.Rate.PerSecond;
        double kbps = bytes * 8 / 1000.0 / seconds;
        double encodeSeconds = _encodeMs.Sum() / 1000;
        double meanQp = (double)_qpSum / frames;
        surroundings.Terminal.Say($"{settings.Output}: {frames} frames of {source.Size} at {source.Rate.PerSecond:0.##} fps, {bytes} bytes, {kbps:0.0} kbit/s, mean QP {meanQp:0.0}, {_keyFrames} key frames, {_skipped} skipped, {frames / encodeSeconds:0.0} frames/s");
        return new(
            source.Size.Width,
            source.Size.Height,
            Math.Round(source.Rate.PerSecond, 3),
            frames,
            _skipped,
            _keyFrames,
            bytes,
            Math.Round(kbps, 2),
            Math.Round(meanQp, 2),
            Percentiles.Of(_encodeMs),
            Math.Round(frames / encodeSeconds, 2),
            ProcessMemory.PeakResidentMb());
    }
}
