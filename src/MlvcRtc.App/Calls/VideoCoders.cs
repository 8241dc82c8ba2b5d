using MlvcRtc.App.CommandLine;
using MlvcRtc.Call.Adaptation;
using MlvcRtc.Call.Threads;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.RateControl;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Calls;

/// <summary>
/// The neural encoder and decoder for one size of pictures, and the budget of the encoder. Each has its own sessions. Those of the smaller sizes that the call may change to are made beside the
/// call (<see cref="WarmUp"/>): loading them when they are needed, on a machine that has no time, was measured as 1.4 s without a picture.
/// </summary>
internal sealed class VideoCoders : IDisposable
{
    /// <summary>Pictures that warm a codec up: a key frame, one predicted from it, and one more of the steady state.</summary>
    private const int WarmUpPictures = 3;

    private readonly PictureSize _size;
    private readonly ModelBundle _bundle;
    private readonly KeptSessions _sessions;
    private readonly CancellationTokenSource _ending = new();
    private Task _preparing = Task.CompletedTask;

    /// <param name="bundle">The model.</param>
    /// <param name="size">Of the captured pictures.</param>
    /// <param name="rate">Of the captured pictures.</param>
    /// <param name="kbps">Where the budget begins.</param>
    /// <param name="engine">Runs the networks; null = the processor.</param>
    public VideoCoders(ModelBundle bundle, PictureSize size, FrameRate rate, double kbps, INeuralEngine? engine = null)
    {
        _size = size;
        _bundle = bundle;
        _sessions = new(engine ?? new OnnxEngine());
        Encoder = new(bundle, _sessions);
        Decoder = new([bundle], _sessions);
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

    /// <summary>Loads the graphs and lets the JIT see the way once, so that the call does not begin with a stall; those of smaller sizes follow on a thread of their own. The call starts with a key frame of its own.</summary>
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

        _preparing = DedicatedThread.RunTogetherAsync(_ending.Token, ("mlvc prepare", PrepareSmaller));
    }

    public void Dispose()
    {
        _ending.Cancel();
        ((IAsyncResult)_preparing).AsyncWaitHandle.WaitOne();  // one graph at most; what failed there fails again, and is told, where it is needed
        Encoder.Dispose();
        Decoder.Dispose();
        _sessions.Dispose();
        _ending.Dispose();
    }

    private void PrepareSmaller(CancellationToken stop)
    {
        ModelVariant full = ModelSelection.Choose(_bundle.Models, _size.Width, _size.Height).Model;
        foreach (ModelVariant model in PictureLadder.For(_size.Width, _size.Height).Select(size => ModelSelection.Choose(_bundle.Models, size.Width, size.Height).Model).Distinct())
        {
            stop.ThrowIfCancellationRequested();
            if (!ReferenceEquals(model, full))
            {
                _sessions.Prepare(model);
            }
        }
    }
}
