using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.App.Evaluation;

/// <summary>The pictures that every codec gets: in memory, and as raw I420 in a file for ffmpeg. Disposing removes the file.</summary>
internal sealed class EvaluationClip : IDisposable
{
    /// <summary>Times per frame leave the first out, and a rate needs a length.</summary>
    private const int FewestPictures = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlvcrtc-evaluate-").FullName;

    private EvaluationClip(string name, FrameRate rate, IReadOnlyList<VideoFrame> pictures)
    {
        (Name, Rate, Pictures) = (name, rate, pictures);
        RawFile = this["source.yuv"];
        using OutputFile raw = new(RawFile);
        foreach (VideoFrame picture in pictures)
        {
            raw.Write(picture.Samples);
        }

        raw.Complete();
    }

    public string Name { get; }

    public FrameRate Rate { get; }

    public IReadOnlyList<VideoFrame> Pictures { get; }

    public PictureSize Size => new(Pictures[0].Width, Pictures[0].Height);

    /// <summary>All pictures, I420.</summary>
    public string RawFile { get; }

    public double Seconds => Pictures.Count / Rate.PerSecond;

    /// <summary>A scratch file beside the raw pictures.</summary>
    public string this[string name] => Path.Combine(_folder, name);

    /// <param name="surroundings">For ffmpeg.</param>
    /// <param name="input">A video file.</param>
    /// <param name="most">Pictures read at most.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserError">Not a video, of a size that the codec does not take, or too short.</exception>
    public static EvaluationClip Read(Surroundings surroundings, string input, int most, CancellationToken cancel)
    {
        LoadedClip clip = LoadedClip.Read(surroundings, input, size: null, most, FewestPictures, cancel);
        return new(clip.Name, clip.Rate, clip.Pictures);
    }

    /// <summary>A few pictures of a made-up scene, to see whether an encoder works at all.</summary>
    public static EvaluationClip Sample()
    {
        const int side = 192, count = 4;
        FrameRate rate = new(30, 1);
        SyntheticScene scene = new(side, side, rate, seed: 1);
        VideoFrame[] pictures = [.. Enumerable.Range(0, count).Select(_ => new VideoFrame())];
        foreach (VideoFrame picture in pictures)
        {
            scene.TryRead(picture);
        }

        return new("sample", rate, pictures);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
