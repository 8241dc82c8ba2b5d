using System.Runtime.Intrinsics;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Motion;

/// <summary>
/// Moves the blocks of a picture as a field says, in whole bytes: encoder and decoder, C# and Python make the same ones (docs/bitstream.md §10).
/// <see cref="MotionCompensationPlain"/> says the same in the obvious way. Allocates nothing per picture. One thread at a time.
/// </summary>
public sealed class MotionCompensation
{
    private const int Block = MotionField.BlockSize;
    private const int ChromaBlock = Block / 2;

    /// <summary>Chroma samples that a vector may reach, and one behind for the mean; 8 keeps rows aligned.</summary>
    private const int ChromaMargin = 8;

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

    /// <summary>Moves the blocks whose vector is not zero.</summary>
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
                MotionVector vector = field[row, column];
                if (vector != default)
                {
                    FillChroma(picture);
                    MoveLuma(row * Block, column * Block, vector, picture);
                    MoveChroma(_u, row * ChromaBlock, column * ChromaBlock, vector, picture.U);
                    MoveChroma(_v, row * ChromaBlock, column * ChromaBlock, vector, picture.V);
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

    private void MoveLuma(int row, int column, MotionVector vector, VideoFrame picture)
    {
        QuarterSamples samples = new(Luma, row, column, vector);
        for (int k = 0; k < Block; k++)
        {
            samples.Row(k).CopyTo(picture.Y.Slice(((row + k) * picture.Width) + column, Block));
        }
    }

    /// <summary>The bilinear mean of H.264 (§8.4.2.2.2); quarter samples of luma are eighths of chroma.</summary>
    private static void MoveChroma(PaddedPlane plane, int row, int column, MotionVector vector, Span<byte> moved)
    {
        int at = plane.IndexOf(row + (vector.Rows >> 3), column + (vector.Columns >> 3));
        (int down, int right) = (vector.Rows & 7, vector.Columns & 7);
        Vector128<ushort> a = Vector128.Create((ushort)((8 - down) * (8 - right)));
        Vector128<ushort> b = Vector128.Create((ushort)((8 - down) * right));
        Vector128<ushort> c = Vector128.Create((ushort)(down * (8 - right)));
        Vector128<ushort> d = Vector128.Create((ushort)(down * right));
        ReadOnlySpan<byte> samples = plane.Samples;
        Vector128<ushort> upper = Eight(samples, at);
        Vector128<ushort> upperRight = Eight(samples, at + 1);
        for (int k = 0; k < ChromaBlock; k++)
        {
            at += plane.Stride;
            Vector128<ushort> lower = Eight(samples, at);
            Vector128<ushort> lowerRight = Eight(samples, at + 1);
            Vector128<ushort> sum = (a * upper) + (b * upperRight) + (c * lower) + (d * lowerRight) + Vector128.Create((ushort)32);
            Vector128.Narrow(sum >>> 6, Vector128<ushort>.Zero).GetLower().CopyTo(moved.Slice(((row + k) * plane.Width) + column, ChromaBlock));
            (upper, upperRight) = (lower, lowerRight);
        }
    }

    private static Vector128<ushort> Eight(ReadOnlySpan<byte> samples, int at) => Vector128.WidenLower(Vector128.Create(samples.Slice(at, 16)));
}
