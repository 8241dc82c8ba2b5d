using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.LossLab;

/// <summary>The first pictures of a clip, all in memory.</summary>
/// <param name="Name">Of the file, without its ending.</param>
/// <param name="Size">With the rate, for people.</param>
/// <param name="Rate">Pictures per second.</param>
/// <param name="Pictures">In order of capture.</param>
internal sealed record ClipPictures(string Name, string Size, FrameRate Rate, IReadOnlyList<VideoFrame> Pictures)
{
    /// <param name="surroundings">What opens it.</param>
    /// <param name="input">A video.</param>
    /// <param name="fewest">That are needed.</param>
    /// <param name="most">That are read.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserError">It is too short, or no video that can be coded.</exception>
    public static ClipPictures Read(Surroundings surroundings, string input, int fewest, int most, CancellationToken cancel)
    {
        using IPictureSource source = PictureSources.Open(surroundings, input, size: null, rate: null);
        if (source.Size.Check() is { } complaint)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name}: {complaint}");
        }

        List<VideoFrame> pictures = [];
        VideoFrame picture = new();
        while (pictures.Count < most && source.Read(picture, cancel))
        {
            pictures.Add(picture);
            picture = new();
        }

        return pictures.Count >= fewest
            ? new(Path.GetFileNameWithoutExtension(input), FormattableString.Invariant($"{source.Size} at {source.Rate.PerSecond:0.##} fps"), source.Rate, pictures)
            : throw new UserError(ExitCode.BadInput, $"{source.Name} holds {pictures.Count} pictures; {fewest} are needed.");
    }
}
