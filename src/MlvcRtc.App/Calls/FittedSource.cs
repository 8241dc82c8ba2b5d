using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Calls;

/// <summary>A source within what the other side decodes (SDP <c>max-fs</c>, <c>max-fr</c>): larger pictures are scaled down, and of too many a second every n-th is taken.</summary>
internal sealed class FittedSource : IPictureSource
{
    private readonly IPictureSource _source;
    private readonly int _every;
    private readonly VideoFrame _read = new();
    private readonly PictureScaler _scaler = new();
    private bool _begun;

    /// <param name="source">Stays the caller's.</param>
    /// <param name="maxSamples">Luma samples of a picture.</param>
    /// <param name="maxRate">Pictures a second.</param>
    public FittedSource(IPictureSource source, int maxSamples, int maxRate)
    {
        _source = source;
        _every = Math.Max((int)Math.Ceiling(source.Rate.PerSecond / maxRate), 1);
        Rate = new FrameRate(source.Rate.Numerator, source.Rate.Denominator * _every);
        double scale = Math.Min(1, Math.Sqrt((double)maxSamples / (source.Size.Width * source.Size.Height)));
        PictureSize fitted = new PictureSize((int)(source.Size.Width * scale), (int)(source.Size.Height * scale)).FlooredToEven;
        Size = new(Math.Max(fitted.Width, PictureSize.SmallestSide), Math.Max(fitted.Height, PictureSize.SmallestSide));
    }

    public PictureSize Size { get; }

    public FrameRate Rate { get; }

    public string Name => _source.Name;

    public string? Notice => _source.Notice;

    public bool Read(VideoFrame picture, CancellationToken cancel)
    {
        for (int i = _begun ? 1 : _every; i < _every; i++)
        {
            if (!_source.Read(_read, cancel))
            {
                return false;
            }
        }

        _begun = true;
        if (Size == _source.Size)
        {
            return _source.Read(picture, cancel);
        }

        if (!_source.Read(_read, cancel))
        {
            return false;
        }

        _scaler.Scale(_read, Size.Width, Size.Height, picture);
        return true;
    }

    /// <summary>Leaves the source alone.</summary>
    public void Dispose()
    {
    }
}
