using MlvcRtc.App.Audio;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.App.Models;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Media;
using MlvcRtc.WebRtc;

namespace MlvcRtc.App.Calls;

/// <summary>Files, cameras and the codec of a call without a window: opened, and the codec warm, before the room is joined, so that nothing of it delays the first picture.</summary>
internal sealed class CallDevices : ICallDevices, IDisposable
{
    private readonly IPictureSource? _referenceSource;

    /// <exception cref="UserError">Something cannot be opened or coded.</exception>
    public CallDevices(Surroundings surroundings, CallSettings settings, ModelBundle bundle, CancellationToken cancel)
    {
        try
        {
            Source = PictureSources.Open(surroundings, settings.Input ?? surroundings.DemoClip, settings.Size, rate: null, loop: true);
            if (Source.Size.Check() is { } complaint)
            {
                throw new UserError(ExitCode.BadInput, $"{Source.Name}: {complaint}");
            }

            surroundings.Terminal.Notice(Source.Notice);
            if (settings.Output is not null)
            {
                PictureWriters.CheckEnding(settings.Output);
            }

            if (settings.Reference is not null)
            {
                _referenceSource = PictureSources.Open(surroundings, settings.Reference, settings.Size, rate: null, loop: true);
            }

            Audio = settings.Audio is null ? null : new OpusFileReader(settings.Audio);
            Recording = settings.AudioOutput is null ? null : new OpusRecording(settings.AudioOutput, serial: 1);
            Video = new ReceivedVideo(surroundings, settings.Output, Source.Rate, _referenceSource is null ? null : new ReferenceClip(_referenceSource));
            RunningModel model = EngineOpening.Open(surroundings, settings.Device, bundle, Source.Size, Source.Rate, cancel);
            Coders = new VideoCoders(model.Bundle, Source.Size, Source.Rate, settings.Kbps, model.Engine);
            cancel.ThrowIfCancellationRequested();
            Coders.WarmUp();
            Capturing = new(Times: Camera.IsNamedBy(settings.Input ?? string.Empty) ? CaptureTimes.WhenTaken : CaptureTimes.Nominal);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IPictureSource Source { get; } = null!;

    public CaptureOptions Capturing { get; } = null!;

    public ReceivedVideo Video { get; } = null!;

    public IVideoSink Screen => Video;

    public VideoCoders Coders { get; } = null!;

    public IVideoEncoder Encoder => Coders.Encoder;

    public IVideoDecoder Decoder => Coders.Decoder;

    public CodecFrameBudget Budget => Coders.Budget;

    /// <summary>Null = no sound is sent.</summary>
    public OpusFileReader? Audio { get; }

    /// <summary>Null = received sound is not kept.</summary>
    public OpusRecording? Recording { get; }

    public ISpeaking? Speak(MediaChannel audio, (ushort Number, uint Timestamp) start, TimeProvider time) =>
        Audio is null ? null : new OpusSending(Audio, audio.Link, audio.LocalSsrc, audio.Format.PayloadType, start, time);

    public IHearing Hear(MediaChannel audio, PlayedInStep step, TimeProvider time) => new OpusReceiving(Recording, audio.Link, audio.Format.PayloadType);

    /// <summary>The call must have ended.</summary>
    public void Dispose()
    {
        Coders?.Dispose();
        Video?.Dispose();
        Recording?.Dispose();
        Audio?.Dispose();
        _referenceSource?.Dispose();
        Source?.Dispose();
    }
}
