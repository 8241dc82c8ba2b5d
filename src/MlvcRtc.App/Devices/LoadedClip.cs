using MlvcRtc.App.CommandLine;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Devices;

/// <summary>The first pictures of a clip, in memory, played forward and backward until there are enough.</summary>
internal sealed class LoadedClip
{
    private LoadedClip(string name, PictureSize size, FrameRate rate, List<VideoFrame> pictures, int count) => (Name, Size, Rate, Pictures, Count) = (name, size, rate, pictures, count);

    /// <summary>Of the file, without its ending.</summary>
    public string Name { get; }

    public PictureSize Size { get; }

    public FrameRate Rate { get; }

    /// <summary>Those read, in order of capture; at most <see cref="Count"/>.</summary>
    public IReadOnlyList<VideoFrame> Pictures { get; }

    /// <summary>Frames that were asked for.</summary>
    public int Count { get; }

    /// <summary>Size and rate, for people.</summary>
    public string Kind => FormattableString.Invariant($"{Size} at {Rate.PerSecond:0.##} fps");

    public VideoFrame this[int index]
    {
        get
        {
            int period = Math.Max(1, 2 * (Pictures.Count - 1));
            int at = index % period;
            return Pictures[at < Pictures.Count ? at : period - at];
        }
    }

    /// <param name="surroundings">What opens it.</param>
    /// <param name="input">A video.</param>
    /// <param name="size">To scale to; null = as it is.</param>
    /// <param name="count">Frames wanted: no more pictures are read.</param>
    /// <param name="fewest">Pictures that are needed, 1 or more.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserError">It is too short, or no video that can be coded.</exception>
    public static LoadedClip Read(Surroundings surroundings, string input, PictureSize? size, int count, int fewest, CancellationToken cancel)
    {
        using IPictureSource source = PictureSources.Open(surroundings, input, size, rate: null);
        if (source.Size.Check() is { } complaint)
        {
            throw new UserError(ExitCode.BadInput, $"{source.Name}: {complaint}");
        }

        List<VideoFrame> pictures = [];
        VideoFrame picture = new();
        while (pictures.Count < count && source.Read(picture, cancel))
        {
            pictures.Add(picture);
            picture = new();
        }

        surroundings.Terminal.Notice(source.Notice);
        return pictures.Count >= fewest
            ? new(Path.GetFileNameWithoutExtension(input), source.Size, source.Rate, pictures, count)
            : throw new UserError(ExitCode.BadInput, $"{source.Name} holds {pictures.Count} pictures; {fewest} are needed.");
    }
}
