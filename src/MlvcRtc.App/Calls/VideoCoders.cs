using MlvcRtc.App.CommandLine;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Calls;

/// <summary>The neural encoder and decoder for one size of pictures, and the budget of the encoder. Each has its own sessions.</summary>
internal sealed class VideoCoders : IDisposable
{
    /// <summary>Pictures that warm a codec up: a key frame, one predicted from it, and one more of the steady state.</summary>
    private const int WarmUpPictures = 3;

    private readonly PictureSize _size;

    /// <param name="bundle">The model.</param>
    /// <param name="size">Of the captured pictures.</param>
    /// <param name="rate">Of the captured pictures.</param>
    /// <param name="kbps">Where the budget begins.</param>
    /// <param name="engine">Runs the networks; null = the processor.</param>
    public VideoCoders(ModelBundle bundle, PictureSize size, FrameRate rate, double kbps, OnnxEngine? engine = null)
    {
        _size = size;
        engine ??= new OnnxEngine();
        Encoder = new(bundle, engine);
        Decoder = new([bundle], engine);
        ModelChoice choice = ModelSelection.Choose(bundle.Models, size.Width, size.Height);
        RateControlOptions options = new()
        {
            TargetKbps = kbps,
            FramesPerSecond = rate.PerSecond,
            PixelsPerFrame = choice.PictureWidth * choice.PictureHeight,
        };
        Budget = new(new(options, choice.Model.QpScale));
    }

    public Encoder Encoder { get; }

    public Decoder Decoder { get; }

    public CodecFrameBudget Budget { get; }

    /// <summary>Loads the graphs and lets the JIT see the way once, so that the call does not begin with a stall. The call starts with a key frame of its own.</summary>
    /// <exception cref="UserError">The codec cannot take this size.</exception>
    public void WarmUp()
    {
        VideoFrame grey = new(_size.Width, _size.Height);
        grey.Samples.Fill(128);
        VideoFrame shown = new();
        EncodedFrame coded = new();
        for (int i = 0; i < WarmUpPictures; i++)
        {
            EncodeStatus encoded = Encoder.Encode(grey, new EncodeRequest(Qp: 40), coded);
            DecodeStatus decoded = encoded == EncodeStatus.Ok ? Decoder.Decode(coded, shown) : DecodeStatus.Ok;
            if (encoded != EncodeStatus.Ok || decoded != DecodeStatus.Ok)
            {
                throw new UserError(ExitCode.Failed, $"The codec cannot take {_size} pictures ({encoded}, {decoded} {Decoder.LastError}).");
            }
        }
    }

    public void Dispose()
    {
        Encoder.Dispose();
        Decoder.Dispose();
    }
}
