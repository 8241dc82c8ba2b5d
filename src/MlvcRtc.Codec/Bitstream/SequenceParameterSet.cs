namespace MlvcRtc.Codec.Bitstream;

/// <summary>What holds from one IDR to the next: model version, sizes, layers (docs/bitstream.md §3). Sizes and crops are luma samples of the coded picture, all even.</summary>
/// <param name="Major">u(8): names the syntax.</param>
/// <param name="Minor">u(8): names weights and tables.</param>
/// <param name="Id">ue(v). The writer chooses it: 0, 1, 2 in turn.</param>
/// <param name="ModelWidth">u(12) of half: width of the model's picture, 2..8190.</param>
/// <param name="ModelHeight">u(12) of half: height of the model's picture, 2..8190.</param>
/// <param name="Transpose">f(1): rows and columns were exchanged before coding.</param>
/// <param name="CropLeft">ue(v) of half: columns to drop, in coded orientation.</param>
/// <param name="CropRight">ue(v) of half.</param>
/// <param name="CropTop">ue(v) of half.</param>
/// <param name="CropBottom">ue(v) of half.</param>
/// <param name="MaxTemporalLayers">u(3) of one less: 1..8.</param>
/// <param name="FrameIndexBits">ue(v) of eight less: 8..31; width of every frame index in the frame headers.</param>
public readonly record struct SequenceParameterSet(
    byte Major,
    byte Minor,
    int Id,
    int ModelWidth,
    int ModelHeight,
    bool Transpose,
    int CropLeft,
    int CropRight,
    int CropTop,
    int CropBottom,
    int MaxTemporalLayers,
    int FrameIndexBits)
{
    /// <summary>u(12) halves.</summary>
    public const int MaxModelSide = 8190;

    /// <summary>u(3) of one less.</summary>
    public const int MaxLayers = 8;

    /// <summary>Smallest width that frame_idx_bits_minus8 can name.</summary>
    public const int MinFrameIndexBits = 8;

    /// <summary>Our bound, so that an index is a non-negative int; libmlvc writes 10 and reads 16 at least.</summary>
    public const int MaxFrameIndexBits = 31;

    /// <summary>Luma columns of the picture people see.</summary>
    public int DisplayWidth => Transpose ? CroppedHeight : CroppedWidth;

    /// <summary>Luma rows of the picture people see.</summary>
    public int DisplayHeight => Transpose ? CroppedWidth : CroppedHeight;

    private int CroppedWidth => ModelWidth - CropLeft - CropRight;

    private int CroppedHeight => ModelHeight - CropTop - CropBottom;

    /// <summary>The values fit the syntax and leave a picture to see.</summary>
    internal bool IsWritable =>
        ModelWidth is >= 2 and <= MaxModelSide && ModelHeight is >= 2 and <= MaxModelSide
        && (CropLeft | CropRight | CropTop | CropBottom) >= 0
        && ((ModelWidth | ModelHeight | CropLeft | CropRight | CropTop | CropBottom) & 1) == 0
        && (long)CropLeft + CropRight < ModelWidth && (long)CropTop + CropBottom < ModelHeight
        && MaxTemporalLayers is >= 1 and <= MaxLayers
        && FrameIndexBits is >= MinFrameIndexBits and <= MaxFrameIndexBits;
}
