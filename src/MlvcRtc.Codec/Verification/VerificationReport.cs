namespace MlvcRtc.Codec.Verification;

/// <summary>What one size of a bundle showed.</summary>
/// <param name="Size">"WxH"; of graphs in integers "WxH int8".</param>
/// <param name="Frames">Frames run.</param>
/// <param name="HasKnownAnswer">Compared with PyTorch; otherwise only encoder with decoder.</param>
/// <param name="WorstSymbolMismatch">Largest share of differing symbols in a frame, 0..1.</param>
/// <param name="SymbolMismatchBound">What the bundle allows.</param>
/// <param name="WorstPictureMeanError">Largest difference of a frame's mean, in 8-bit levels.</param>
/// <param name="PictureMeanBound">What the bundle allows.</param>
/// <param name="DifferingStates">Frames after which the encoder graph's state is not the decoder graph's, byte for byte (±0 counts as equal).</param>
public sealed record SizeVerification(
    string Size,
    int Frames,
    bool HasKnownAnswer,
    double WorstSymbolMismatch,
    double SymbolMismatchBound,
    double WorstPictureMeanError,
    double PictureMeanBound,
    int DifferingStates)
{
    public bool Passed => WorstSymbolMismatch <= SymbolMismatchBound && WorstPictureMeanError <= PictureMeanBound && DifferingStates == 0;
}

/// <summary>The outcome of <see cref="BundleVerification.Run"/>.</summary>
/// <param name="Sizes">One entry per size, in the bundle's order.</param>
public sealed record VerificationReport(IReadOnlyList<SizeVerification> Sizes)
{
    public bool Passed => Sizes.All(size => size.Passed);
}
