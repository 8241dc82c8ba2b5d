using MlvcRtc.App.CommandLine;
using MlvcRtc.Call.Receiving;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Demo;

/// <summary>
/// Step 10 of the call, with a measuring eye: compares each shown picture with the captured one. Works on the
/// present thread; the figures may be read from any.
/// </summary>
/// <param name="size">Of the captured pictures; shown ones are scaled to it.</param>
/// <param name="history">The captured pictures.</param>
/// <param name="spool">Takes the shown pictures; null = nobody wants them.</param>
/// <param name="moments">Takes some pairs; null = nobody wants them.</param>
internal sealed class Viewer(PictureSize size, FrameHistory history, PictureSpool? spool, Moments? moments) : IVideoSink
{
    private readonly VideoFrame _captured = new();
    private readonly VideoFrame _scaled = new();
    private readonly PictureScaler _scaler = new();
    private readonly Lock _gate = new();
    private double _psnrSum;
    private int _psnrCount;

    /// <summary>Sum in dB (6:1:1) and number of the compared pictures.</summary>
    public (double SumDb, int Count) Psnr
    {
        get
        {
            lock (_gate)
            {
                return (_psnrSum, _psnrCount);
            }
        }
    }

    public void Present(VideoFrame picture, in PresentedFrame info)
    {
        long index = history.Find(picture.CaptureTime, _captured);
        if (index < 0)
        {
            return;
        }

        VideoFrame shown = Fitted(picture);
        double psnrDb = Lab.Metrics.Psnr.Compare(shown, _captured).Weighted611;
        lock (_gate)
        {
            _psnrSum += psnrDb;
            _psnrCount++;
        }

        spool?.Add(index, shown);
        moments?.Offer(index, _captured, shown, psnrDb);
    }

    private VideoFrame Fitted(VideoFrame picture)
    {
        if (picture.Width == size.Width && picture.Height == size.Height)
        {
            return picture;
        }

        _scaler.Scale(picture, size.Width, size.Height, _scaled);
        return _scaled;
    }
}
