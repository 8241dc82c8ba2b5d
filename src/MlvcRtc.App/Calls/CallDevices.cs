using MlvcRtc.App.Audio;
using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Codec.Bundles;

namespace MlvcRtc.App.Calls;

/// <summary>What a call sees, hears, writes and codes with: opened, and the codec warm, before the room is joined, so that nothing of it delays the first picture.</summary>
internal sealed class CallDevices : IDisposable
{
    private readonly IPictureSource? _referenceSource;

    /// <exception cref="UserError">Something cannot be opened or coded.</exception>
    public CallDevices(Surroundings surroundings, CallSettings settings, ModelBundle bundle)
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
            Coders = new VideoCoders(bundle, Source.Size, Source.Rate, settings.Kbps);
            Coders.WarmUp();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IPictureSource Source { get; } = null!;

    public ReceivedVideo Video { get; } = null!;

    public VideoCoders Coders { get; } = null!;

    /// <summary>Null = no sound is sent.</summary>
    public OpusFileReader? Audio { get; }

    /// <summary>Null = received sound is not kept.</summary>
    public OpusRecording? Recording { get; }

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
