using MlvcRtc.Media;

namespace MlvcRtc.App.Evaluation;

/// <summary>One point of a rate-distortion curve.</summary>
/// <param name="Setting">As the encoder was told: "crf 30", "qp 32".</param>
/// <param name="Kbps">Of the bytes that a network would carry.</param>
/// <param name="Psnr611Db">Mean over frames of (6·Y + U + V) / 8.</param>
/// <param name="PsnrYDb">Mean over frames, luma.</param>
/// <param name="Msssim">Mean over frames, luma; null for pictures too small for five scales.</param>
/// <param name="EncodeMs">Processor time of one thread per frame.</param>
/// <param name="DecodeMs">The same for decoding.</param>
/// <param name="KeyFrames">One, where the codec did as told.</param>
internal sealed record RatedPoint(
    string Setting, double Kbps, double Psnr611Db, double PsnrYDb, double? Msssim, double EncodeMs, double DecodeMs, int KeyFrames);

/// <summary>A point, and the decoded picture that was asked for.</summary>
internal sealed record RatedRun(RatedPoint Point, VideoFrame? Kept);

/// <summary>A codec with one knob for quality.</summary>
internal interface IRatedCodec
{
    /// <summary>As reports and plots name it.</summary>
    string Name { get; }

    /// <summary>Values of the knob that make its curve, best quality first.</summary>
    IReadOnlyList<double> Settings { get; }

    /// <summary>The finest step of the knob.</summary>
    double SettingStep { get; }

    /// <summary>Codes, decodes and compares the whole clip.</summary>
    /// <param name="clip">The pictures.</param>
    /// <param name="setting">Of the knob.</param>
    /// <param name="keep">Index of a decoded picture to return; null = none.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="CommandLine.UserError">The codec failed.</exception>
    RatedRun Run(EvaluationClip clip, double setting, int? keep, CancellationToken cancel);
}
