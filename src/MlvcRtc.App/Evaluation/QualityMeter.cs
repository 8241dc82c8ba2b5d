using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.App.Evaluation;

/// <summary>Compares decoded pictures with a clip, one after the other, and keeps one of them on request.</summary>
/// <param name="pictures">The clip.</param>
/// <param name="keep">Index of the picture to keep; null = none.</param>
internal sealed class QualityMeter(IReadOnlyList<VideoFrame> pictures, int? keep)
{
    private readonly MsSsim _structure = new();
    private readonly bool _large = Math.Min(pictures[0].Width, pictures[0].Height) >= MsSsim.ShortestSide;
    private double _psnr611;
    private double _psnrY;
    private double _similarity;

    /// <summary>Pictures so far.</summary>
    public int Count { get; private set; }

    public VideoFrame? Kept { get; private set; }

    public double Psnr611Db => Math.Round(_psnr611 / Count, 4);

    public double PsnrYDb => Math.Round(_psnrY / Count, 4);

    public double? Msssim => _large ? Math.Round(_similarity / Count, 6) : null;

    /// <summary>The next picture in order.</summary>
    public void Add(VideoFrame decoded)
    {
        VideoFrame original = pictures[Count];
        Psnr psnr = Psnr.Compare(decoded, original);
        _psnr611 += psnr.Weighted611;
        _psnrY += psnr.Y;
        _similarity += _large ? _structure.Compare(decoded, original) : 0;
        if (Count == keep)
        {
            Kept = new();
            Kept.CopyFrom(decoded);
        }

        Count++;
    }
}
