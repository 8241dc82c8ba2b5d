using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Codec.Pixels;

/// <summary>A camera's picture to a model's picture: scale down what is too large, transpose portrait, pad to the model's size, pack. Each step only where needed.</summary>
internal sealed class PicturePreparation(ModelChoice choice, PaddingKind padding)
{
    private readonly PictureScaler _scaler = new();
    private readonly VideoFrame _scaled = new();
    private readonly VideoFrame _transposed = new();
    private readonly VideoFrame _padded = new();

    /// <summary>Fills the network's picture tensor.</summary>
    /// <returns>The same picture, of the model's size; valid until the next call.</returns>
    public VideoFrame Write(VideoFrame picture, RecurrentNetwork network)
    {
        if (picture.Width != choice.PictureWidth || picture.Height != choice.PictureHeight)
        {
            _scaler.Scale(picture, choice.PictureWidth, choice.PictureHeight, _scaled);
            picture = _scaled;
        }

        if (choice.Transposed)
        {
            Transposition.Transpose(picture, _transposed);
            picture = _transposed;
        }

        if (picture.Width != choice.Model.Width || picture.Height != choice.Model.Height)
        {
            Padding.Pad(picture, choice.Model.Width, choice.Model.Height, padding, _padded);
            picture = _padded;
        }

        network.Layout.Write(picture, network.Picture);
        return picture;
    }
}
