using MlvcRtc.App.CommandLine;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.App.Client;

/// <summary>A picture of any size within one of a given size: scaled as a whole, centred, with black bars (a screen, a window, a camera that has no such size). One thread at a time.</summary>
internal sealed class PictureFitting
{
    private const byte BlackLuma = 16, NoChroma = 128;  // limited range (BT.601)

    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();

    /// <summary><paramref name="target"/> becomes that size, and keeps the time of <paramref name="source"/>.</summary>
    public void Fit(VideoFrame source, PictureSize size, VideoFrame target)
    {
        double scale = Math.Min((double)size.Width / source.Width, (double)size.Height / source.Height);
        int width = Math.Clamp((int)Math.Round(source.Width * scale / 2) * 2, 2, size.Width);
        int height = Math.Clamp((int)Math.Round(source.Height * scale / 2) * 2, 2, size.Height);
        if ((width, height) == (size.Width, size.Height))
        {
            _scaler.Scale(source, width, height, target);
            return;
        }

        _scaler.Scale(source, width, height, _scaled);
        MakeBlack(target, size);
        target.CaptureTime = source.CaptureTime;
        int left = (size.Width - width) / 4, top = (size.Height - height) / 4;  // in chroma samples
        Place(_scaled.Y, width, target.Y[(top * 2 * size.Width)..], size.Width, left * 2);
        Place(_scaled.U, width / 2, target.U[(top * size.Width / 2)..], size.Width / 2, left);
        Place(_scaled.V, width / 2, target.V[(top * size.Width / 2)..], size.Width / 2, left);
    }

    public static void MakeBlack(VideoFrame picture, PictureSize size)
    {
        picture.Resize(size.Width, size.Height);
        picture.Y.Fill(BlackLuma);
        picture.U.Fill(NoChroma);
        picture.V.Fill(NoChroma);
    }

    private static void Place(ReadOnlySpan<byte> plane, int width, Span<byte> target, int targetWidth, int left)
    {
        for (int row = 0; row * width < plane.Length; row++)
        {
            plane.Slice(row * width, width).CopyTo(target[((row * targetWidth) + left)..]);
        }
    }
}
