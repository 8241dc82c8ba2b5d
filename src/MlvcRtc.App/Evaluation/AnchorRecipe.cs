using System.Globalization;

namespace MlvcRtc.App.Evaluation;

/// <summary>
/// How an anchor is run: each as a call would, without looking ahead, with one key frame, at constant quality, on one thread (threads cost x264 bits: zerolatency slices the
/// picture among them).
/// </summary>
/// <param name="Name">As reports name it; names stay.</param>
/// <param name="Encoder">ffmpeg's name of the encoder.</param>
/// <param name="Arguments">Of the encoder, without quality.</param>
/// <param name="QualityOption">The knob, for example -crf.</param>
/// <param name="Settings">Values of the knob, best first, about as far apart as our own QPs and a little wider.</param>
/// <param name="WholeSettings">The knob takes whole numbers only.</param>
/// <param name="Container">Muxer that adds nothing to the packets which is not taken off again.</param>
/// <param name="UncountedUnits">Kinds of units (filter_units) that no call sends: x264's and x265's notes about themselves (SEI), AV1's temporal delimiters. Null = none.</param>
internal sealed record AnchorRecipe(
    string Name,
    string Encoder,
    string[] Arguments,
    string QualityOption,
    double[] Settings,
    bool WholeSettings,
    string Container,
    string? UncountedUnits)
{
    private const string SeiOfH264 = "6", SeiOfH265 = "39-40", TemporalDelimiterOfAv1 = "2";

    private static readonly double[] RateFactors = [22, 27, 32, 37, 42, 47];

    private static readonly double[] WideFactors = [24, 34, 44, 52, 58, 63];

    private static readonly string[] OneH264KeyFrame = ["-g", "100000", "-sc_threshold", "0"];

    /// <summary>The six that every report has.</summary>
    public static IReadOnlyList<AnchorRecipe> Software { get; } =
    [
        X264("veryfast"),
        X264("medium"),
        X265("ultrafast"),
        X265("medium"),
        new(
            "vp9-rt8", "libvpx-vp9", ["-deadline", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-auto-alt-ref", "0", "-g", "100000", "-b:v", "0"], "-crf",
            WideFactors, WholeSettings: true, "ivf", UncountedUnits: null),
        new(
            "av1-rt8", "libaom-av1", ["-usage", "realtime", "-cpu-used", "8", "-lag-in-frames", "0", "-g", "100000", "-b:v", "0"], "-crf",
            WideFactors, WholeSettings: true, "ivf", TemporalDelimiterOfAv1),
    ];

    /// <summary>Encoders in hardware, under ffmpeg's names; of these a machine has one or none.</summary>
    public static IReadOnlyList<AnchorRecipe> Hardware { get; } =
    [
        Hardware264("h264_nvenc", ["-preset", "p4", "-tune", "ull", "-bf", "0", "-rc", "constqp"], "-qp"),
        Hardware264("h264_qsv", ["-preset", "medium", "-bf", "0", "-async_depth", "1"], "-global_quality"),
        Hardware264("h264_amf", ["-usage", "ultralowlatency", "-rc", "cqp"], "-qp_p"),
    ];

    private static AnchorRecipe X264(string preset) => new(
        $"x264-{preset}", "libx264", ["-preset", preset, "-tune", "zerolatency", .. OneH264KeyFrame], "-crf", RateFactors, WholeSettings: false, "h264", SeiOfH264);

    private static AnchorRecipe X265(string preset) => new(
        $"x265-{preset}", "libx265", ["-preset", preset, "-tune", "zerolatency", "-x265-params", "keyint=-1:scenecut=0:info=0:pools=none:frame-threads=1:log-level=error"], "-crf",
        RateFactors, WholeSettings: false, "hevc", SeiOfH265);

    private static AnchorRecipe Hardware264(string encoder, string[] arguments, string knob) => new(
        encoder, encoder, [.. arguments, "-g", "100000"], knob, RateFactors, WholeSettings: true, "h264", SeiOfH264);

    /// <summary>The knob at one value, as arguments.</summary>
    public string[] Quality(double setting) => [QualityOption, Number(setting)];

    /// <summary>For people and reports: "crf 28".</summary>
    public string Label(double setting) => $"{QualityOption[1..]} {Number(setting)}";

    private static string Number(double setting) => setting.ToString("0.##", CultureInfo.InvariantCulture);
}
