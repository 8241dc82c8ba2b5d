using MlvcRtc.App.Devices;

namespace MlvcRtc.App.CommandLine;

/// <summary>What a verb finds around it. Tests hand in their own.</summary>
internal sealed class Surroundings
{
    private readonly Lazy<Ffmpeg> _ffmpeg;

    /// <param name="terminal">Where to speak.</param>
    /// <param name="time">The one clock.</param>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="programFolder">Where the program's own bundles and media lie.</param>
    public Surroundings(Terminal terminal, TimeProvider time, Func<string, string?> variable, string programFolder)
    {
        Terminal = terminal;
        Time = time;
        Variable = variable;
        MediaFolder = Path.Combine(programFolder, "media");
        BundleFolder = Path.Combine(programFolder, "bundles");
        PageFolder = Path.Combine(programFolder, "page");
        _ffmpeg = new(() => Ffmpeg.Find(variable(Ffmpeg.OverrideVariable), variable("PATH"), MediaFolder), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    public Terminal Terminal { get; }

    public TimeProvider Time { get; }

    public Func<string, string?> Variable { get; }

    /// <summary>The demo clip and the bundled ffmpeg.</summary>
    public string MediaFolder { get; }

    /// <summary>The bundles that come with the program.</summary>
    public string BundleFolder { get; }

    /// <summary>The built files of the client's page.</summary>
    public string PageFolder { get; }

    /// <exception cref="UserError">None works.</exception>
    public Ffmpeg Ffmpeg => _ffmpeg.Value;

    /// <summary>The clip that the default build brings along: one person talking, 360x288, 24 pictures a second.</summary>
    public string DemoClip => Path.Combine(MediaFolder, "franck.mp4");

    public static Surroundings OfProcess() =>
        new(Terminal.OfProcess(), TimeProvider.System, Environment.GetEnvironmentVariable, AppContext.BaseDirectory);
}
