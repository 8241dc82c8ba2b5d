using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Threads;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Client;

/// <summary>
/// The pictures that the page sends, as the source of a call: the newest wins, and none is copied on its way, since buffers change hands. Switched off, it gives black pictures, as a disabled
/// track does (W3C mediacapture-streams, "muted and enabled"): the other side sees that we are there, and no freeze. The socket's side and the capture thread's may run concurrently.
/// </summary>
/// <param name="clock">The page's.</param>
internal sealed class PageCamera(PageClock clock, TimeProvider time) : IPictureSource
{
    /// <summary>Black pictures come so often: rarely enough to cost nothing, and often enough that the change is no freeze (150 ms beyond the usual, webrtc-stats).</summary>
    private static readonly TimeSpan BlackInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Pictures that the page may have on the way: one that is read, one that waits.</summary>
    private const int Credit = 2;

    private readonly Lock _guard = new();
    private readonly WakeSignal _changed = new();
    private readonly PictureFitting _fitting = new();
    private readonly VideoFrame _incoming = new(PictureSize.SmallestSide, PictureSize.SmallestSide);
    private readonly VideoFrame _newest = new(PictureSize.SmallestSide, PictureSize.SmallestSide);
    private readonly VideoFrame _taken = new(PictureSize.SmallestSide, PictureSize.SmallestSide);
    private Action<int>? _take;
    private bool _waits;
    private bool _running;
    private TimeSpan _lastBlack;

    public PictureSize Size { get; private set; } = new(320, 180);

    public FrameRate Rate { get; private set; } = new(30, 1);

    public string Name => "the page's camera";

    public string? Notice => null;

    public bool On { get; set; } = true;

    /// <summary>From the arrival of the last picture that was used to its use.</summary>
    public TimeSpan Waited { get; private set; }

    private TimeSpan _arrived;

    /// <summary>A call begins. The one before must have ended.</summary>
    public void Begin(PictureSize size, int framesPerSecond)
    {
        lock (_guard)
        {
            (Size, Rate) = (size, new FrameRate(framesPerSecond, 1));
            (_waits, _running, On) = (false, true, true);
        }

        _take?.Invoke(Credit);
    }

    /// <summary>The call is over: the page may save itself the work.</summary>
    public void End()
    {
        lock (_guard)
        {
            _running = false;
        }
    }

    /// <summary>Who tells the page for how many pictures there is room; null = nobody.</summary>
    public void TellTo(Action<int>? take)
    {
        bool running;
        lock (_guard)
        {
            _take = take;
            running = _running;
        }

        if (running)
        {
            take?.Invoke(Credit);
        }
    }

    /// <summary>Where the samples of the next picture go. The socket's side.</summary>
    public Memory<byte> Place(in MediaItem item)
    {
        _incoming.Resize(item.Width, item.Height);
        return _incoming.SampleMemory;
    }

    /// <summary>What was written to <see cref="Place"/> is whole. The socket's side.</summary>
    public void Publish(in MediaItem item)
    {
        TimeSpan now = MediaClock.Now(time);
        _incoming.CaptureTime = clock.ToLocal(item.Microseconds, now);
        bool replaced;
        lock (_guard)
        {
            _newest.Swap(_incoming);
            replaced = _waits;
            (_waits, _arrived) = (true, now);
        }

        _changed.Wake();
        if (replaced)
        {
            _take?.Invoke(1);  // that one will not be used
        }
    }

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        while (!TryTake())
        {
            TimeSpan now = MediaClock.Now(time);
            TimeSpan black = _lastBlack + BlackInterval - now;
            if (!On && black <= TimeSpan.Zero)
            {
                _lastBlack = now;
                PictureFitting.MakeBlack(picture, Size);
                picture.CaptureTime = now;
                return true;
            }

            _changed.Wait(On ? BlackInterval : black, cancel);
        }

        _take?.Invoke(1);
        if ((_taken.Width, _taken.Height) == (Size.Width, Size.Height))
        {
            picture.Swap(_taken);
        }
        else
        {
            _fitting.Fit(_taken, Size, picture);
        }

        return true;
    }

    public void Dispose() => _changed.Dispose();

    private bool TryTake()
    {
        lock (_guard)
        {
            if (!_waits)
            {
                return false;
            }

            _waits = false;
            if (!On)
            {
                return false;  // taken before it was switched off
            }

            _taken.Swap(_newest);
            Waited = MediaClock.Now(time) - _arrived;
            return true;
        }
    }
}
