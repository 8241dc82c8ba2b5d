namespace MlvcRtc.App.Client;

/// <summary>The page's camera, microphone, screen and speaker, which outlive every call.</summary>
internal sealed class PageDevices(TimeProvider time) : IDisposable
{
    public PageCamera Camera { get; } = new(time);

    public PageMicrophone Microphone { get; } = new(time);

    public FrameStream Frames { get; } = new();

    public void Dispose() => Camera.Dispose();
}
