using MlvcRtc.Lab.Scenarios;

namespace MlvcRtc.App.LossLab;

/// <summary>What the user asked of the lab.</summary>
/// <param name="Seconds">Length of every run; null = each scenario's own.</param>
/// <param name="RealCodec">The neural codec; false = the test codec.</param>
/// <param name="Input">Video for the real codec; null = the demo clip.</param>
/// <param name="PlayoutMs">In place of the scenarios' playout delays; null = theirs.</param>
/// <param name="EncodeMs">Taken for a 640x368 frame; other sizes by their area.</param>
/// <param name="DecodeMs">The same for decoding.</param>
/// <param name="OutputFolder">Where the pictures go; null = none are drawn.</param>
internal sealed record LabSettings(
    IReadOnlyList<Scenario> Scenarios,
    IReadOnlyList<RecoveryPolicy> Policies,
    double? Seconds,
    int Seed,
    bool RealCodec,
    string? Input,
    double? PlayoutMs,
    double EncodeMs,
    double DecodeMs,
    string? OutputFolder)
{
    /// <summary>Measured with mlvc-xs v0.200 at 640x368 on an idle two-core EPYC 7B13, one thread per direction.</summary>
    public const double MeasuredEncodeMs = 24;

    /// <inheritdoc cref="MeasuredEncodeMs"/>
    public const double MeasuredDecodeMs = 18;

    /// <summary>Luma samples that the measured times are for.</summary>
    private const double MeasuredArea = 640 * 368;

    public TimeSpan EncodeTime(int codedWidth, int codedHeight) => Scaled(EncodeMs, codedWidth, codedHeight);

    public TimeSpan DecodeTime(int codedWidth, int codedHeight) => Scaled(DecodeMs, codedWidth, codedHeight);

    private static TimeSpan Scaled(double ms, int width, int height) => TimeSpan.FromMilliseconds(Math.Round(ms * width * height / MeasuredArea, 1));
}
