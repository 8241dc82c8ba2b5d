using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Calls;

/// <summary>
/// Step 10 of a call between processes: shown pictures go to a file and are compared with the reference clip, if there are such. Works on the present thread; the figures may be read from any.
/// </summary>
/// <param name="surroundings">For ffmpeg.</param>
/// <param name="output">As the viewer saw it, at an even rate: a freeze is a repeated picture. Null = nothing is kept.</param>
/// <param name="rate">Of the output.</param>
/// <param name="reference">What the other side sends; null = not known here.</param>
internal sealed class ReceivedVideo(Surroundings surroundings, string? output, FrameRate rate, ReferenceClip? reference) : IVideoSink, IDisposable
{
    /// <summary>The longest freeze that is written, 10 s: a packet with an invented time must not make the file grow. After a longer one the file goes on at once.</summary>
    private static readonly TimeSpan LongestFreeze = TimeSpan.FromSeconds(10);

    private readonly Lock _guard = new();
    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _last = new();
    private IPictureWriter? _writer;
    private TimeSpan _begin;
    private long _written;
    private double _psnrSum;
    private int _psnrCount;

    /// <summary>Sum in dB (6:1:1) and number of the compared pictures.</summary>
    public (double SumDb, int Count) Psnr
    {
        get
        {
            lock (_guard)
            {
                return (_psnrSum, _psnrCount);
            }
        }
    }

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        if (reference?.Compare(picture, CancellationToken.None) is { } psnrDb)
        {
            lock (_guard)
            {
                _psnrSum += psnrDb;
                _psnrCount++;
            }
        }

        if (output is not null)
        {
            Keep(picture);
        }
    }

    /// <summary>Puts the file in place. No picture may come any more.</summary>
    /// <returns>The file; null when nothing was kept.</returns>
    public string? Complete()
    {
        if (_writer is null)
        {
            return null;
        }

        _writer.Write(_last);
        _writer.Complete();
        return output;
    }

    public void Dispose() => _writer?.Dispose();

    /// <summary>Writes the picture before this one as often as it was seen.</summary>
    private void Keep(VideoFrame picture)
    {
        if (_writer is null)
        {
            _writer = PictureWriters.Open(surroundings, output!, new(picture.Width, picture.Height), rate);
            _begin = picture.CaptureTime;
        }
        else
        {
            long wanted = (long)Math.Round((picture.CaptureTime - _begin).TotalSeconds * rate.PerSecond);
            if (wanted - _written > LongestFreeze / rate.Interval || wanted < _written)
            {
                _begin = picture.CaptureTime - rate.TimeOf(_written + 1);
                wanted = _written + 1;
            }

            for (; _written < wanted; _written++)
            {
                _writer.Write(_last);
            }
        }

        if (_last.Width == 0 || (picture.Width, picture.Height) == (_last.Width, _last.Height))
        {
            _last.CopyFrom(picture);
        }
        else
        {
            _scaler.Scale(picture, _last.Width, _last.Height, _last);  // the file keeps the first size
        }
    }
}
