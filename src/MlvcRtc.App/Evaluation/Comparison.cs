using MlvcRtc.Lab.Metrics;
using MlvcRtc.Lab.RateDistortion;

namespace MlvcRtc.App.Evaluation;

/// <summary>Makes BD-rates and means of curves.</summary>
internal static class Comparison
{
    /// <param name="ours">Name of our codec among the clips' codecs; the others are anchors.</param>
    public static EvaluationReport Of(IReadOnlyList<ClipReport> clips, string ours, string? ffmpeg, IReadOnlyList<MissingAnchor> missing)
    {
        string[] names = [.. clips[0].Codecs.Keys];
        ClipBdRate[] byClip = [.. names.Where(name => name != ours).SelectMany(anchor => clips.Select(clip => Compare(clip, ours, anchor)))];
        return new(
            ours,
            ffmpeg,
            missing,
            "processor time per frame of one thread, milliseconds; ours without the first frame",
            Math.Round(clips.Average(clip => clip.Codecs[ours][0].Psnr611Db - clip.Codecs[ours][^1].Psnr611Db), 2),
            clips.Count(clip => clip.Codecs[ours].Zip(clip.Codecs[ours].Skip(1)).All(pair => pair.Second.Kbps < pair.First.Kbps)),
            byClip.GroupBy(figure => figure.Anchor).ToDictionary(group => group.Key, group => Mean([.. group])),
            names.ToDictionary(name => name, name => Times(PointsOf(ours), PointsOf(name))),
            byClip,
            clips);

        RatedPoint[] PointsOf(string name) => [.. clips.SelectMany(clip => clip.Codecs[name])];
    }

    /// <summary>Our curve against an anchor's on one clip, in each measure of quality.</summary>
    public static ClipBdRate Compare(ClipReport clip, string ours, string anchor)
    {
        BdFigure? Figure(Func<RatedPoint, double?> quality)
        {
            RatePoint[] Curve(string name) => [.. clip.Codecs[name].Where(point => quality(point) is not null).Select(point => new RatePoint(point.Kbps, quality(point)!.Value))];
            RatePoint[] one = Curve(ours), other = Curve(anchor);
            if (one.Length < 2 || other.Length < 2)
            {
                return null;
            }

            BdRate rate = BdRate.Compare(one, other);
            return new(rate.Percent is { } percent ? Math.Round(percent, 2) : null, Math.Round(rate.OverlapDb, 2), Math.Round(rate.RateRatio, 3));
        }

        return new(clip.Name, anchor, Figure(point => point.Psnr611Db)!, Figure(point => point.PsnrYDb)!, Figure(point => point.Msssim is { } similarity ? MsSsim.ToDb(similarity) : null));
    }

    private static MeanBdRate Mean(ClipBdRate[] figures)
    {
        double? Of(Func<ClipBdRate, BdFigure?> figure) =>
            figures.Select(figure).Select(found => found?.Percent).Average() is { } mean ? Math.Round(mean, 2) : null;

        return new(Of(figure => figure.Psnr611), Of(figure => figure.PsnrY), Of(figure => figure.Msssim));
    }

    private static CodecTimes Times(RatedPoint[] ours, RatedPoint[] theirs)
    {
        (double encode, double decode) = (theirs.Average(point => point.EncodeMs), theirs.Average(point => point.DecodeMs));
        return new(
            Math.Round(encode, 2), Math.Round(decode, 2), Ratio(ours.Average(point => point.EncodeMs), encode), Ratio(ours.Average(point => point.DecodeMs), decode));

        // A clip of two frames may take less than the system counts.
        static double? Ratio(double one, double other) => other > 0 ? Math.Round(one / other, 2) : null;
    }
}
