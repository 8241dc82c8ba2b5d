using MlvcRtc.Codec.Entropy;
using MlvcRtc.Codec.Motion;

namespace MlvcRtc.Codec.Bundles;

/// <summary><c>model_metadata[WxH]</c> of the manifest: what a runtime must know of one size's graphs.</summary>
public sealed record ModelMetadata
{
    /// <summary>Luma columns of the graphs' pictures.</summary>
    public required int ModelWidth { get; init; }

    /// <summary>Luma rows.</summary>
    public required int ModelHeight { get; init; }

    /// <summary>Value of a white sample in the graphs; 1 in all known bundles.</summary>
    public required double PixelRange { get; init; }

    /// <summary>Base quality indices (64).</summary>
    public required int QpNum { get; init; }

    /// <summary>Rows of the quality tables, shifts included (72).</summary>
    public required int TotalQpNum { get; init; }

    /// <summary>Kind of frame by (frame index + 1) modulo the length.</summary>
    public required IReadOnlyList<int> FrameIndexMap { get; init; }

    /// <summary>Quality shift of each kind of frame.</summary>
    public required IReadOnlyList<int> QpShift { get; init; }

    /// <summary>Channels of the recurrent state tensor.</summary>
    public required int FeatureChannels { get; init; }

    /// <summary>Channels of y, both halves.</summary>
    public required int LatentChannels { get; init; }

    /// <summary>Channels of z.</summary>
    public required int HyperpriorChannels { get; init; }

    /// <summary>Picture samples per state sample and axis (8).</summary>
    public required int DownsampleFeature { get; init; }

    /// <summary>Picture samples per sample of y and axis (16).</summary>
    public required int DownsampleLatent { get; init; }

    /// <summary>Samples of y per sample of z and axis (4 or 8).</summary>
    public required int DownsampleHyperprior { get; init; }

    /// <summary>Channels of y that share a scale.</summary>
    public required int YScaleRepeat { get; init; }

    /// <summary>Frames between key frames that the model's authors suggest for files.</summary>
    public int? IframePeriod { get; init; }

    /// <summary>Frames between state resets; unused by the known interface types.</summary>
    public int? ResetPeriod { get; init; }

    /// <summary>First frame that becomes a long-term reference in files.</summary>
    public int? LtrStartIdx { get; init; }

    /// <summary>Frames between long-term references in files.</summary>
    public int? LtrPeriod { get; init; }

    /// <summary>How the previous picture is moved before a frame is coded.</summary>
    public MotionCompensationKind MotionCompensation { get; init; }

    /// <summary>QP 0..51 to quality index; null: the QP is the index.</summary>
    public IReadOnlyList<int>? QpMapping { get; init; }

    /// <exception cref="InvalidDataException">The sizes contradict each other.</exception>
    internal LatentShape ToLatentShape() =>
        LatentShape.Of(ModelWidth, ModelHeight, LatentChannels, HyperpriorChannels, DownsampleLatent, DownsampleHyperprior, YScaleRepeat);

    /// <exception cref="InvalidDataException">The quality tables contradict each other.</exception>
    internal QpScale ToQpScale() => new(QpNum, TotalQpNum, QpMapping, FrameIndexMap, QpShift);
}
