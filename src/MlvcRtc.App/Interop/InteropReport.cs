namespace MlvcRtc.App.Interop;

/// <summary>One stream decoded elsewhere, over all clips.</summary>
/// <param name="Frames">Decoded, or tried.</param>
/// <param name="EntropyFailures">Frames that the decoder refused; each would be a lost picture in a call.</param>
/// <param name="EqualPictures">Frames whose every byte is as the encoder's own environment decodes it.</param>
/// <param name="EndLossDb">PSNR 6:1:1 lost against the encoder's own environment over the last tenth of a clip, mean over clips. Negative: gained.</param>
/// <param name="WorstFrameLossDb">The frame that lost most.</param>
/// <param name="FramesWithinHalfDb">Frames from the key frame on until a tenth of a clip, on average, has lost more than 0.5 dB; the clip that is worst. Null: no clip ever does.</param>
internal sealed record InteropPair(
    string Encoder, string Decoder, int Frames, int EntropyFailures, int EqualPictures, double EndLossDb, double WorstFrameLossDb, int? FramesWithinHalfDb);

/// <summary>What keeps a pair within 0.5 dB, and what that costs.</summary>
/// <param name="KeyFrameInterval">Frames from one key frame to the next.</param>
/// <param name="RatePercent">More bits than with one key frame, same QP; mean over clips.</param>
/// <param name="EndLossDb">What is lost then over the last tenth of a clip.</param>
internal sealed record InteropRefresh(string Encoder, string Decoder, int KeyFrameInterval, double RatePercent, double EndLossDb);

/// <summary>What was compared.</summary>
internal sealed record InteropEnvironment(string Name, string Family, string What);

/// <summary>What 'interop' writes.</summary>
/// <param name="Frames">Decoded in all pairs.</param>
/// <param name="EntropyFailures">In all pairs.</param>
/// <param name="WorstFullPrecisionLossDb">The greatest <see cref="InteropPair.EndLossDb"/> between fp32 environments.</param>
internal sealed record InteropReport(
    IReadOnlyList<InteropEnvironment> Environments,
    IReadOnlyList<MissingEnvironment> Missing,
    IReadOnlyList<string> Clips,
    int FramesPerClip,
    int Qp,
    int Frames,
    int EntropyFailures,
    double WorstFullPrecisionLossDb,
    IReadOnlyList<InteropPair> Pairs,
    IReadOnlyList<InteropRefresh> Refreshes);
