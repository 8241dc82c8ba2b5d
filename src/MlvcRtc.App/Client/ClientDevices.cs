using MlvcRtc.App.Calls;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Media;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Client;

/// <summary>What one call uses: the page's devices and the codec.</summary>
/// <param name="sendsSound">The page has a microphone.</param>
internal sealed class ClientDevices(PageDevices page, VideoCoders coders, bool sendsSound, TimeProvider time) : ICallDevices
{
    private readonly StageTime _encoding = new();
    private readonly StageTime _decoding = new();

    public IPictureSource Source => page.Camera;

    public CaptureOptions Capturing { get; } = new(Times: CaptureTimes.OfSource);

    public IVideoSink Screen => page.Frames;

    public IVideoEncoder Encoder => field ??= new TimedEncoder(coders.Encoder, _encoding, time);

    public IVideoDecoder Decoder => field ??= new TimedDecoder(coders.Decoder, _decoding, time);

    public CodecFrameBudget Budget => coders.Budget;

    /// <summary>Null until the call has an audio channel.</summary>
    public PageSpeaker? Speaker { get; private set; }

    public ISpeaking? Speak(MediaChannel audio, (ushort Number, uint Timestamp) start, TimeProvider clock) => sendsSound ? page.Microphone.Speak(audio, start) : null;

    public IHearing Hear(MediaChannel audio, PlayedInStep step, TimeProvider clock) => Speaker = new PageSpeaker(audio, page, step, time);

    /// <summary>Means since the reading before, milliseconds.</summary>
    public (double? Encode, double? Decode) TakeStageTimes() => (_encoding.Take(), _decoding.Take());

    /// <summary>From the arrival of the last captured picture to the call.</summary>
    public TimeSpan CaptureWait => page.Camera.Waited;
}
