using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Media;

namespace MlvcRtc.App.Interop;

/// <summary>The first pictures of a clip, played forward and backward until there are enough.</summary>
internal sealed class InteropClip
{
    private readonly List<VideoFrame> _pictures;

    private InteropClip(string name, List<VideoFrame> pictures, int count) => (Name, _pictures, Count) = (name, pictures, count);

    public string Name { get; }

    public int Count { get; }

    public VideoFrame this[int index]
    {
        get
        {
            int period = Math.Max(1, 2 * (_pictures.Count - 1));
            int at = index % period;
            return _pictures[at < _pictures.Count ? at : period - at];
        }
    }

    /// <exception cref="UserError">Not a video.</exception>
    public static InteropClip Read(Surroundings surroundings, string input, PictureSize? size, int count, CancellationToken cancel)
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
        return pictures.Count > 0
            ? new(Path.GetFileNameWithoutExtension(input), pictures, count)
            : throw new UserError(ExitCode.BadInput, $"{source.Name} holds no picture.");
    }
}
