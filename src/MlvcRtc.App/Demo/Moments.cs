using System.Globalization;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Lab.Drawing;
using MlvcRtc.Media;

namespace MlvcRtc.App.Demo;

/// <summary>A few instants of the call, captured and shown, spread evenly over it. The present thread offers; the sheet is drawn after the call.</summary>
/// <param name="pictures">Pictures that the call will have.</param>
/// <param name="rate">For the labels.</param>
internal sealed class Moments(int pictures, FrameRate rate)
{
    /// <summary>Rows of the sheet: enough to see start, middle and end at one look.</summary>
    private const int Wanted = 4;

    private readonly List<(VideoFrame Captured, VideoFrame Shown, string Label)> _kept = [];

    /// <summary>Keeps copies when the next instant has come: at 1/8, 3/8, 5/8 and 7/8 of the call.</summary>
    public void Offer(long index, VideoFrame captured, VideoFrame shown, double psnrDb)
    {
        if (_kept.Count == Wanted || index < pictures * ((2 * _kept.Count) + 1) / (2 * Wanted))
        {
            return;
        }

        VideoFrame left = new();
        VideoFrame right = new();
        left.CopyFrom(captured);
        right.CopyFrom(shown);
        _kept.Add((left, right, string.Create(CultureInfo.InvariantCulture, $"at {rate.TimeOf(index).TotalSeconds:0.0} s, {psnrDb:0.0} dB")));
    }

    /// <summary>The sheet: sent on the left, received on the right. Null when nothing was shown.</summary>
    public RgbImage? Draw() =>
        _kept.Count == 0
            ? null
            : PictureSheet.Compose([.. _kept.Select(moment => (IReadOnlyList<LabelledPicture>)
                [
                    new(RgbImage.FromFrame(moment.Captured), "sent"),
                    new(RgbImage.FromFrame(moment.Shown), $"received {moment.Label}"),
                ])]);
}
