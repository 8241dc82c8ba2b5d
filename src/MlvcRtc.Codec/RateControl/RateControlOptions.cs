namespace MlvcRtc.Codec.RateControl;

/// <summary>What a <see cref="RateController"/> starts from.</summary>
public sealed record RateControlOptions
{
    /// <summary>Bits per second of whole access units, in kbit/s; positive.</summary>
    public required double TargetKbps { get; init; }

    /// <summary>Frames offered per second; positive.</summary>
    public required double FramesPerSecond { get; init; }

    /// <summary>Luma samples of the picture that is coded; positive. Only scales the first guesses.</summary>
    public required int PixelsPerFrame { get; init; }
}
