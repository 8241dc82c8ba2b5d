namespace MlvcRtc.App.Client;

/// <summary>The page's camera, microphone, screen and speaker, which outlive every call.</summary>
internal sealed class PageDevices : IDisposable
{
    private long _loudspeakerTicks;

    public PageDevices(TimeProvider time)
    {
        PageClock clock = new();  // of both, so that lips and voice are in step
        Camera = new PageCamera(clock, time);
        Microphone = new PageMicrophone(clock, time);
    }

    public PageCamera Camera { get; }

    public PageMicrophone Microphone { get; }

    public FrameStream Frames { get; } = new();

    /// <summary>What lies between a packet of sound that the page gets and its sound.</summary>
    public TimeSpan Loudspeaker
    {
        get => new(Interlocked.Read(ref _loudspeakerTicks));
        set => Interlocked.Exchange(ref _loudspeakerTicks, value.Ticks);
    }

    public void Dispose() => Camera.Dispose();
}
