using MlvcRtc.Lab.Drawing;
using MlvcRtc.Lab.RateDistortion;
using MlvcRtc.Media;

namespace MlvcRtc.App.Evaluation;

/// <summary>One detail of one picture by every codec at our bitrate, side by side: where most moves, at the middle of our curve, in the last quarter of the clip.</summary>
internal static class CloseUps
{
    /// <summary>Sheets of so many crops in a row fit a page.</summary>
    private const int Columns = 4;

    /// <summary>Pixels of a crop in the picture, and how much larger it is shown.</summary>
    private const int CropSide = 144, Enlargement = 2;

    /// <param name="clip">The pictures.</param>
    /// <param name="report">Its curves.</param>
    /// <param name="codecs">Ours first.</param>
    /// <param name="done">Told how many codecs have been run.</param>
    /// <param name="cancel">Ends it.</param>
    public static RgbImage Make(EvaluationClip clip, ClipReport report, IReadOnlyList<IRatedCodec> codecs, Action<int> done, CancellationToken cancel)
    {
        int frame = clip.Pictures.Count * 3 / 4;
        (int x, int y) = Busiest(clip.Pictures);
        IReadOnlyList<RatedPoint> ours = report.Codecs[codecs[0].Name];
        double kbps = ours[ours.Count / 2].Kbps;
        List<LabelledPicture> cells = [new(Crop(clip.Pictures[frame], x, y), "source")];
        foreach (IRatedCodec codec in codecs)
        {
            double setting = SettingFor(codec, report.Codecs[codec.Name], kbps);
            RatedRun run = codec.Run(clip, setting, frame, cancel);
            cells.Add(new(Crop(run.Kept!, x, y), FormattableString.Invariant($"{(codec == codecs[0] ? "ours" : RatePlots.ShortName(codec.Name))} {run.Point.Kbps:0}k")));
            done(cells.Count - 1);
        }

        return PictureSheet.Compose([.. cells.Chunk(Columns)]);
    }

    /// <summary>The setting whose rate comes nearest: between the measured ones by the curve of log(rate), rounded to the knob's step.</summary>
    private static double SettingFor(IRatedCodec codec, IReadOnlyList<RatedPoint> curve, double kbps)
    {
        (double LogRate, double Setting)[] known = [.. curve.Select((point, i) => (Math.Log(point.Kbps), codec.Settings[i])).OrderBy(pair => pair.Item1)];
        (double LogRate, double Setting)[] rising = [.. known.Where((pair, i) => i == 0 || pair.LogRate > known[i - 1].LogRate)];
        double wanted = rising.Length < 2
            ? codec.Settings[0]
            : new MonotoneCubic([.. rising.Select(pair => pair.LogRate)], [.. rising.Select(pair => pair.Setting)]).At(Math.Log(kbps));
        return Math.Round(wanted / codec.SettingStep) * codec.SettingStep;
    }

    /// <summary>Upper left corner, even, of the crop with the largest luma differences between pictures some frames apart.</summary>
    private static (int X, int Y) Busiest(IReadOnlyList<VideoFrame> pictures)
    {
        const int step = 16, apart = 8;
        (int width, int height) = (pictures[0].Width, pictures[0].Height);
        (int bestX, int bestY, long most) = (0, 0, -1L);
        for (int y = 0; y <= Math.Max(0, height - CropSide); y += step)
        {
            for (int x = 0; x <= Math.Max(0, width - CropSide); x += step)
            {
                long moved = 0;
                for (int n = apart; n < pictures.Count; n += apart)
                {
                    moved += Difference(pictures[n - apart], pictures[n], x, y);
                }

                (bestX, bestY, most) = moved > most ? (x, y, moved) : (bestX, bestY, most);
            }
        }

        return (bestX, bestY);
    }

    private static long Difference(VideoFrame one, VideoFrame other, int left, int top)
    {
        // Every fourth sample both ways tells as much.
        const int sparse = 4;
        long sum = 0;
        for (int y = top; y < Math.Min(top + CropSide, one.Height); y += sparse)
        {
            for (int x = left; x < Math.Min(left + CropSide, one.Width); x += sparse)
            {
                sum += Math.Abs(one.Y[(y * one.Width) + x] - other.Y[(y * one.Width) + x]);
            }
        }

        return sum;
    }

    private static RgbImage Crop(VideoFrame frame, int left, int top)
    {
        RgbImage whole = RgbImage.FromFrame(frame);
        (int width, int height) = (Math.Min(CropSide, whole.Width), Math.Min(CropSide, whole.Height));
        RgbImage crop = new(width * Enlargement, height * Enlargement);
        for (int y = 0; y < crop.Height; y++)
        {
            for (int x = 0; x < crop.Width; x++)
            {
                int from = 3 * (((top + (y / Enlargement)) * whole.Width) + left + (x / Enlargement));
                whole.Pixels.AsSpan(from, 3).CopyTo(crop.Pixels.AsSpan(3 * ((y * crop.Width) + x)));
            }
        }

        return crop;
    }
}
