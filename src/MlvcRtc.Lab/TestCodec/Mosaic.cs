using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.Lab.TestCodec;

/// <summary>What the test codec keeps of a picture: the luma samples at the middles of 16 by 16 tiles.</summary>
public static class Mosaic
{
    private const int Side = TestPayload.MosaicSide;

    /// <summary>PSNR of one picture's mosaic against another's, dB; the sizes may differ.</summary>
    public static double Compare(VideoFrame picture, VideoFrame reference)
    {
        Span<byte> one = stackalloc byte[Side * Side];
        Span<byte> other = stackalloc byte[Side * Side];
        Sample(picture, one);
        Sample(reference, other);
        return Psnr.Plane(one, other);
    }

    internal static void Sample(VideoFrame picture, Span<byte> mosaic)
    {
        ReadOnlySpan<byte> luma = picture.Y;
        for (int i = 0; i < mosaic.Length; i++)
        {
            int x = ((i % Side * 2) + 1) * picture.Width / (2 * Side);
            int y = ((i / Side * 2) + 1) * picture.Height / (2 * Side);
            mosaic[i] = luma[(y * picture.Width) + x];
        }
    }
}
