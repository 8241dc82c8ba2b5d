using MlvcRtc.Call.Receiving;
using MlvcRtc.Call.Statistics;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.Experiments;

/// <summary>One freeze, by webrtc-stats.</summary>
/// <param name="Begin">When the picture that stood was shown.</param>
/// <param name="End">When the next one was.</param>
/// <param name="FromPicture">Source picture that stood.</param>
public readonly record struct Freeze(TimeSpan Begin, TimeSpan End, int FromPicture)
{
    public TimeSpan Duration => End - Begin;
}

/// <summary>
/// What the viewer sees. Source picture n is due on the screen at T(n) = its capture + a lag that is the same for every policy; a picture decoded before is held
/// until then, one decoded later is shown at once. At T(n) what is on the screen is compared with source picture n. Before the first picture the screen is grey.
/// </summary>
/// <param name="quality">Displayed, source: dB.</param>
/// <param name="lag">From capture to T.</param>
internal sealed class Screen(Func<VideoFrame, VideoFrame, double> quality, FrameRate rate, TimeSpan lag, FrameNumbers numbers) : IVideoSink
{
    private readonly Queue<(int Picture, TimeSpan DecodedAt, VideoFrame Content)> _waiting = new();
    private readonly Stack<VideoFrame> _free = new();
    private readonly FreezeDetector _detector = new();
    private readonly List<Freeze> _freezes = [];
    private readonly List<double> _psnr = [];
    private VideoFrame? _displayed;
    private int _displayedPicture = -1;
    private TimeSpan _displayedAt;
    private int _shown;

    public IReadOnlyList<Freeze> Freezes => _freezes;

    /// <summary>dB at T(n), n = 0, 1 ...</summary>
    public IReadOnlyList<double> Psnr => _psnr;

    /// <summary>When the first picture was shown; null = none was.</summary>
    public TimeSpan? FirstShownAt { get; private set; }

    public TimeSpan DueTime(int picture) => (rate.Interval * picture) + lag;

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        VideoFrame copy = _free.TryPop(out VideoFrame? used) ? used : new VideoFrame();
        copy.CopyFrom(picture);
        _waiting.Enqueue((numbers.PictureOf(numbers.Unwrap(info.FrameId)), info.PresentedAt, copy));
    }

    /// <summary>It is T(n): everything decoded until now was presented.</summary>
    public void Evaluate(int n, VideoFrame source)
    {
        while (_waiting.TryPeek(out (int Picture, TimeSpan DecodedAt, VideoFrame Content) next) && next.Picture <= n)
        {
            _waiting.Dequeue();
            TimeSpan due = DueTime(next.Picture);
            Show(next.DecodedAt > due ? next.DecodedAt : due, next.Picture);
            if (_displayed is not null)
            {
                _free.Push(_displayed);
            }

            _displayed = next.Content;
        }

        _psnr.Add(quality(_displayed ?? Grey(source), source));
    }

    /// <summary>The viewer leaves: a freeze that lasts to the end counts until then, and a screen that stayed grey was frozen all the time.</summary>
    public void Leave(TimeSpan end)
    {
        if (_displayed is null)
        {
            _freezes.Add(new Freeze(lag, end, -1));
            return;
        }

        Show(end, _displayedPicture);
    }

    private static VideoFrame Grey(VideoFrame source)
    {
        VideoFrame grey = new(source.Width, source.Height);
        grey.Samples.Fill(128);
        return grey;
    }

    private void Show(TimeSpan at, int picture)
    {
        FirstShownAt ??= picture < 0 ? null : at;
        int before = _detector.Count;
        _detector.Shown(at);
        if (_detector.Count > before || (_shown is > 0 and <= FreezeDetector.NeededSamples && IsLong(at - _displayedAt)))
        {
            _freezes.Add(new Freeze(_displayedAt, at, _displayedPicture));
        }

        _shown++;
        (_displayedAt, _displayedPicture) = (at, picture);
    }

    /// <summary>The rule of webrtc-stats with the nominal interval for the average, which the first pictures do not give yet.</summary>
    private bool IsLong(TimeSpan interval) =>
        interval >= 3 * rate.Interval && interval >= rate.Interval + FreezeDetector.Tolerance;
}
