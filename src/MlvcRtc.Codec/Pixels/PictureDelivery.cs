using MlvcRtc.Codec.Bitstream;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;
using MlvcRtc.Media.Pixels;

namespace MlvcRtc.Codec.Pixels;

/// <summary>A model's picture to the picture people see: unpack, cut off the padding, transpose back. Each step only where needed.</summary>
internal sealed class PictureDelivery
{
    private readonly VideoFrame _model = new();
    private readonly VideoFrame _cropped = new();

    /// <summary>Fills <paramref name="picture"/>, which becomes as large as the parameters say; its capture time stays.</summary>
    public void Read(RecurrentNetwork network, in SequenceParameterSet sps, VideoFrame picture)
    {
        int width = sps.ModelWidth - sps.CropLeft - sps.CropRight;
        int height = sps.ModelHeight - sps.CropTop - sps.CropBottom;
        bool crops = width != sps.ModelWidth || height != sps.ModelHeight;
        VideoFrame unpacked = crops || sps.Transpose ? _model : picture;
        network.Layout.Read(network.Picture, unpacked);
        unpacked.CaptureTime = picture.CaptureTime;
        if (crops)
        {
            VideoFrame visible = sps.Transpose ? _cropped : picture;
            Cropping.Crop(unpacked, sps.CropLeft, sps.CropTop, width, height, visible);
            unpacked = visible;
        }

        if (sps.Transpose)
        {
            Transposition.Transpose(unpacked, picture);
        }
    }
}
