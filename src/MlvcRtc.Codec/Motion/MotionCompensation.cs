using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Moves the blocks of a picture as a field says, in whole bytes: encoder and decoder, C# and Python make the same ones (docs/bitstream.md §10). Blocks overlap: near
/// its edges a block is blended with what the vector of the block beyond gives there (Orchard and Sullivan 1994), so that no edge is drawn where vectors differ a little.
/// <see cref="MotionCompensationPlain"/> says the same in the obvious way. Allocates nothing per picture. One thread at a time.
/// </summary>
public sealed class MotionCompensation
{
    private const int Block = MotionField.BlockSize;
    private const int ChromaBlock = Block / 2;

    /// <summary>Chroma samples that a vector may reach, and one behind for the mean; 24 keeps rows aligned.</summary>
    private const int ChromaMargin = 24;

    private readonly PaddedPlane _u;
    private readonly PaddedPlane _v;
    private bool _chromaFilled;

    /// <param name="width">Of the pictures, a multiple of 16.</param>
    /// <param name="height">Of the pictures, a multiple of 16.</param>
    public MotionCompensation(int width, int height)
    {
        Luma = new HalfSamples(width, height);
        _u = new PaddedPlane(width / 2, height / 2, ChromaMargin);
        _v = new PaddedPlane(width / 2, height / 2, ChromaMargin);
    }

    /// <summary>The luma that blocks are taken from.</summary>
    internal HalfSamples Luma { get; }

    /// <summary>Takes over the luma of the picture to be moved; a search needs no more.</summary>
    public void Start(VideoFrame previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        Luma.Fill(previous.Y);
        _chromaFilled = false;
    }

    /// <summary>Moves all blocks but those that are still and have still ones beside them.</summary>
    /// <param name="field">Vectors within reach.</param>
    /// <param name="picture">The picture given to <see cref="Start"/>; becomes what the frame is predicted from.</param>
    public void Move(MotionField field, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(field);
        ArgumentNullException.ThrowIfNull(picture);
        for (int row = 0; row < field.Rows; row++)
        {
            for (int column = 0; column < field.Columns; column++)
            {
                OverlappedVectors vectors = new(field, row, column);
                if (vectors.Own != default || !vectors.AreAlike)
                {
                    FillChroma(picture);
                    MoveLuma(row * Block, column * Block, vectors, picture);
                    MoveChroma(_u, row * ChromaBlock, column * ChromaBlock, vectors, picture.U);
                    MoveChroma(_v, row * ChromaBlock, column * ChromaBlock, vectors, picture.V);
                }
            }
        }
    }

    private void FillChroma(VideoFrame picture)
    {
        if (!_chromaFilled)
        {
            _u.Fill(picture.U);
            _v.Fill(picture.V);
            _chromaFilled = true;
        }
    }

    private void MoveLuma(int row, int column, in OverlappedVectors vectors, VideoFrame picture)
    {
        QuarterSamples own = new(Luma, row, column, vectors.Own);
        Span<byte> moved = picture.Y[((row * picture.Width) + column)..];
        if (vectors.AreAlike)
        {
            for (int k = 0; k < Block; k++)
            {
                own.Row(k).CopyTo(moved[(k * picture.Width)..]);
            }

            return;
        }

        QuarterSamples above = new(Luma, row, column, vectors.Above);
        QuarterSamples below = new(Luma, row, column, vectors.Below);
        QuarterSamples left = new(Luma, row, column, vectors.Left);
        QuarterSamples right = new(Luma, row, column, vectors.Right);
        Vector128<short> fromLeft = Vector128.Create(15, 13, 11, 9, 7, 5, 3, 1);
        Vector128<short> fromRight = Vector128.Create(1, 3, 5, 7, 9, 11, 13, 15);
        for (int k = 0; k < Block; k++)
        {
            Vector128<byte> samples = own.Row(k);
            Vector128<byte> beyond = k < ChromaBlock ? above.Row(k) : below.Row(k);
            short weight = (short)int.Abs(15 - (2 * k)); // at rows 7 and 8 it is 1, at the edges 15
            Vector128<short> first = Blend(Vector128.WidenLower(samples).AsInt16(), Vector128.WidenLower(beyond).AsInt16(), weight, Vector128.WidenLower(left.Row(k)).AsInt16(), fromLeft);
            Vector128<short> second = Blend(Vector128.WidenUpper(samples).AsInt16(), Vector128.WidenUpper(beyond).AsInt16(), weight, Vector128.WidenUpper(right.Row(k)).AsInt16(), fromRight);
            Vector128.Narrow(first.AsUInt16(), second.AsUInt16()).CopyTo(moved[(k * picture.Width)..]);
        }
    }

    private static void MoveChroma(PaddedPlane plane, int row, int column, in OverlappedVectors vectors, Span<byte> picture)
    {
        EighthSamples own = new(plane, row, column, vectors.Own);
        Span<byte> moved = picture[((row * plane.Width) + column)..];
        if (vectors.AreAlike)
        {
            for (int k = 0; k < ChromaBlock; k++)
            {
                Narrow(own.Row(k)).CopyTo(moved[(k * plane.Width)..]);
            }

            return;
        }

        EighthSamples above = new(plane, row, column, vectors.Above);
        EighthSamples below = new(plane, row, column, vectors.Below);
        EighthSamples left = new(plane, row, column, vectors.Left);
        EighthSamples right = new(plane, row, column, vectors.Right);
        Vector128<short> fromSides = Vector128.Create(14, 10, 6, 2, 2, 6, 10, 14);
        Vector128<short> leftHalf = Vector128.Create(-1, -1, -1, -1, 0, 0, 0, 0);
        for (int k = 0; k < ChromaBlock; k++)
        {
            Vector128<short> beyond = k < ChromaBlock / 2 ? above.Row(k) : below.Row(k);
            Vector128<short> beside = Vector128.ConditionalSelect(leftHalf, left.Row(k), right.Row(k));
            Narrow(Blend(own.Row(k), beyond, (short)int.Abs(14 - (4 * k)), beside, fromSides)).CopyTo(moved[(k * plane.Width)..]);
        }
    }

    /// <summary>Eight samples of 0 .. 255, in 64ths: at most 15 of what lies beyond the nearer horizontal edge and 15 of what lies beyond the nearer vertical one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Blend(Vector128<short> own, Vector128<short> beyond, short weight, Vector128<short> beside, Vector128<short> weights) =>
        ((own << 6) + (weight * (beyond - own)) + (weights * (beside - own)) + Vector128.Create((short)32)) >> 6;

    private static Vector64<byte> Narrow(Vector128<short> samples) => Vector128.Narrow(samples.AsUInt16(), Vector128<ushort>.Zero).GetLower();
}
