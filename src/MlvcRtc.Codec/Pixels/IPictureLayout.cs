using MlvcRtc.Codec.Inference;
using MlvcRtc.Media;

namespace MlvcRtc.Codec.Pixels;

/// <summary>How a graph's picture tensor holds a picture of the model's size. One implementation per interface type (docs/model-bundle.md).</summary>
public interface IPictureLayout
{
    /// <summary>Picture to tensor. A picture of a size that the tensor does not have is an <see cref="ArgumentException"/>.</summary>
    void Write(VideoFrame picture, NativeTensor tensor);

    /// <summary>Tensor to picture; <paramref name="picture"/> becomes as large as the model.</summary>
    void Read(NativeTensor tensor, VideoFrame picture);
}
