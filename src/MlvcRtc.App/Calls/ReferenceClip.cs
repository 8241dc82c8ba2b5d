using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Calls;

/// <summary>
/// The clip that the other side sends, read along with the call, so that received pictures can be compared with what was captured though that happened in another process. The sender's times
/// are nominal, so that RTP time tells which picture it is once the first one is known; and that is the one of the first second that the first received picture resembles most (6:1:1 PSNR): the
/// sender begins the clip when the call connects. A wrong match can only lower the figures. One thread at a time.
/// </summary>
internal sealed class ReferenceClip(IPictureSource source)
{
    /// <summary>A picture that jumps so far ahead is no longer looked for: hostile times must not make us read for ever.</summary>
    private static readonly TimeSpan LongestLeap = TimeSpan.FromMinutes(1);

    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();
    private Queue<VideoFrame> _ahead = new();  // read while the first was sought
    private VideoFrame _picture = new();
    private long _index = -1;
    private TimeSpan _begin;

    /// <summary>PSNR of a received picture in dB (6:1:1); null when the clip has ended or the times leap.</summary>
    public double? Compare(VideoFrame shown, CancellationToken cancel)
    {
        VideoFrame fitted = Fitted(shown);
        if (_index < 0)
        {
            return Begin(fitted, shown.CaptureTime, cancel);
        }

        long wanted = (long)Math.Round((shown.CaptureTime - _begin).TotalSeconds * source.Rate.PerSecond);
        if (wanted < _index || wanted - _index > LongestLeap / source.Rate.Interval)
        {
            return null;
        }

        for (; _index < wanted; _index++)
        {
            if (_ahead.TryDequeue(out VideoFrame? next))
            {
                _picture = next;
            }
            else if (!source.Read(_picture, cancel))
            {
                return null;
            }
        }

        return Psnr.Compare(fitted, _picture).Weighted611;
    }

    /// <summary>Finds the first picture.</summary>
    private double? Begin(VideoFrame fitted, TimeSpan captureTime, CancellationToken cancel)
    {
        double best = double.NegativeInfinity;
        List<VideoFrame> read = [];
        for (int index = 0; index < source.Rate.PerSecond; index++)
        {
            VideoFrame candidate = new();
            if (!source.Read(candidate, cancel))
            {
                break;
            }

            read.Add(candidate);
            double psnr = Psnr.Compare(fitted, candidate).Weighted611;
            if (psnr > best)
            {
                (best, _index) = (psnr, index);
            }
        }

        if (_index < 0)
        {
            return null;
        }

        _begin = captureTime - (source.Rate.Interval * _index);
        _ahead = new(read.Skip((int)_index + 1));
        return best;
    }

    private VideoFrame Fitted(VideoFrame picture)
    {
        if (picture.Width == source.Size.Width && picture.Height == source.Size.Height)
        {
            return picture;
        }

        _scaler.Scale(picture, source.Size.Width, source.Size.Height, _scaled);
        return _scaled;
    }
}
