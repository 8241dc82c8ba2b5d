using System.Diagnostics;
using MlvcRtc.App.Devices;
using MlvcRtc.Lab.Clips;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.App;

/// <summary>A folder for one test, gone afterwards, and the test clips that are made in it.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlvcrtc-test-");

    public static Ffmpeg Ffmpeg { get; } = Ffmpeg.Find(
        Environment.GetEnvironmentVariable(Ffmpeg.OverrideVariable),
        Environment.GetEnvironmentVariable("PATH"),
        Path.Combine(AppContext.BaseDirectory, "media"));

    public string Root => _folder.FullName;

    public string this[string name] => Path.Combine(_folder.FullName, name);

    /// <summary>Runs ffmpeg with these arguments to make a file here.</summary>
    public string Make(string name, params string[] arguments)
    {
        string path = this[name];
        using Process process = Process.Start(new ProcessStartInfo(Ffmpeg.Path, ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", .. arguments, path]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }

    /// <summary>A moving test pattern.</summary>
    public string MakeClip(string name, string size, string rate, double seconds, params string[] coding) =>
        Make(
            name,
            [
                "-f", "lavfi", "-i", FormattableString.Invariant($"testsrc=size={size}:rate={rate}:duration={seconds}"),
                .. coding,
            ]);

    /// <summary>A synthetic scene as YUV4MPEG2, 30 pictures a second.</summary>
    public string MakeScene(string name, int side, int frames)
    {
        string path = this[name];
        SyntheticScene scene = new(side, side, new FrameRate(30, 1), seed: 4, frames);
        using FileStream file = File.Create(path);
        Y4mWriter writer = new(file, side, side, scene.Rate);
        VideoFrame picture = new();
        while (scene.TryRead(picture))
        {
            writer.Write(picture);
        }

        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
