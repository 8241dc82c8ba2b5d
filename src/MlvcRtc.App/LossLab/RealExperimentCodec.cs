using MlvcRtc.App.Calls;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Experiments;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.App.LossLab;

/// <summary>The neural codec as the lab's codec, on the first seconds of a video played forth and back.</summary>
internal sealed class RealExperimentCodec : IExperimentCodec
{
    /// <summary>Bytes of pictures kept in memory: 20 s of a 360x288 clip at 24 pictures a second.</summary>
    private const long MostBytes = 80_000_000;

    private readonly ModelBundle _bundle;
    private readonly ModelChoice _choice;
    private readonly List<VideoFrame> _pictures = [];
    private readonly FrameRate _rate;

    /// <exception cref="UserError">The input cannot be read, or its pictures cannot be coded.</exception>
    public RealExperimentCodec(Surroundings surroundings, LabSettings settings, ModelBundle bundle, CancellationToken cancel)
    {
        _bundle = bundle;
        using IPictureSource source = PictureSources.Open(surroundings, settings.Input ?? surroundings.DemoClip, size: null, rate: null);
        if (source.Size.Check() is { } complaint)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name}: {complaint}");
        }

        VideoFrame picture = new();
        while (_pictures.Count < MostBytes / source.Size.FrameBytes && source.Read(picture, cancel))
        {
            _pictures.Add(picture);
            picture = new();
        }

        if (_pictures.Count == 0)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name} holds no picture.");
        }

        _rate = source.Rate;
        _choice = ModelSelection.Choose(bundle.Models, source.Size.Width, source.Size.Height);
        EncodeTime = settings.EncodeTime(_choice.Model.Width, _choice.Model.Height);
        DecodeTime = settings.DecodeTime(_choice.Model.Width, _choice.Model.Height);
        if (EncodeTime >= _rate.Interval)
        {
            throw new UserError(ExitCode.BadInput, $"Encoding a {source.Size} picture takes {EncodeTime.TotalMilliseconds:0.#} ms, longer than a frame interval of {_rate.Interval.TotalMilliseconds:0.#} ms; give --encode-ms or a smaller video.");
        }
    }

    public string Name => "real";

    public TimeSpan EncodeTime { get; }

    public TimeSpan DecodeTime { get; }

    /// <summary>For people: "360x288 at 24 fps".</summary>
    public string Pictures => FormattableString.Invariant($"{_pictures[0].Width}x{_pictures[0].Height} at {_rate.PerSecond:0.##} fps");

    public IClipReader OpenSource() => new PendulumClip(_pictures, _rate);

    public ExperimentCoders Open(double kbps, FrameRate rate)
    {
        RateControlOptions options = new()
        {
            TargetKbps = kbps,
            FramesPerSecond = rate.PerSecond,
            PixelsPerFrame = _choice.PictureWidth * _choice.PictureHeight,
        };
        return new(new Encoder(_bundle, new OnnxEngine()), new Decoder([_bundle], new OnnxEngine()), new CodecFrameBudget(new(options, _choice.Model.QpScale)));
    }

    public double Quality(VideoFrame displayed, VideoFrame source) => Psnr.Compare(displayed, source).Weighted611;
}
