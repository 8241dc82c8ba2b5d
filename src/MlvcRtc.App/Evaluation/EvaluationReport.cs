namespace MlvcRtc.App.Evaluation;

/// <summary>One clip and its curves: of our codec and of every anchor, best quality first.</summary>
internal sealed record ClipReport(string Name, int Width, int Height, double Fps, int Frames, IReadOnlyDictionary<string, IReadOnlyList<RatedPoint>> Codecs);

/// <summary>BD-rates in percent, mean over the clips where the curves overlap; null = on none.</summary>
internal sealed record MeanBdRate(double? Psnr611, double? PsnrY, double? Msssim);

/// <summary>One comparison on one clip. Null where MS-SSIM is not defined.</summary>
internal sealed record ClipBdRate(string Clip, string Anchor, BdFigure Psnr611, BdFigure PsnrY, BdFigure? Msssim);

/// <summary>A BD-rate as reports state it.</summary>
/// <param name="Percent">Null = no overlap: the curves share less than 2 dB.</param>
/// <param name="OverlapDb">Negative = the gap.</param>
/// <param name="RateRatio">Our rate over the anchor's at the nearest quality.</param>
internal sealed record BdFigure(double? Percent, double OverlapDb, double RateRatio);

/// <summary>Processor time per frame, milliseconds: mean over clips and settings; and ours over theirs, null where theirs is too little to be counted.</summary>
internal sealed record CodecTimes(double EncodeMs, double DecodeMs, double? EncodeRatio, double? DecodeRatio);

/// <summary>What 'evaluate' writes.</summary>
/// <param name="Codec">Ours, as the curves name it.</param>
/// <param name="Ffmpeg">Version that ran the anchors; null = none was run.</param>
/// <param name="MissingAnchors">Asked for, and why they did not run.</param>
/// <param name="TimesAre">What encode_ms and decode_ms mean.</param>
/// <param name="QualityRangeDb">PSNR 6:1:1 of our first setting minus that of the last, mean over clips.</param>
/// <param name="RateFallsAtEveryStep">Clips on which each of our settings takes less than the one before.</param>
internal sealed record EvaluationReport(
    string Codec,
    string? Ffmpeg,
    IReadOnlyList<MissingAnchor> MissingAnchors,
    string TimesAre,
    double QualityRangeDb,
    int RateFallsAtEveryStep,
    IReadOnlyDictionary<string, MeanBdRate> BdRatePercent,
    IReadOnlyDictionary<string, CodecTimes> MeanMs,
    IReadOnlyList<ClipBdRate> BdRateByClip,
    IReadOnlyList<ClipReport> Clips);
