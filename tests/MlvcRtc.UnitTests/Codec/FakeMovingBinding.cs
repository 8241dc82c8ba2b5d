using MlvcRtc.Codec.Inference;

namespace MlvcRtc.UnitTests.Codec;

/// <summary>
/// A model that can say one number per 16x16 block and takes everything else from the picture in the state it is given. Its state: a counter of predictions,
/// and the picture. Encoder: y0 = luma − state's luma at a block's middle, 0 in cells that may have no symbol. Decoder: the state's picture, y0 added to every luma sample of its block. So what moves comes back nearly if
/// the picture was moved first, and visibly wrong if it was not.
/// </summary>
internal sealed class FakeMovingBinding(bool encodes, Dictionary<string, NativeTensor> tensors) : INeuralBinding
{
    public const int StateChannels = 1 + PictureChannels;

    private const int PictureChannels = 96;
    private const int LumaChannels = 64;

    private readonly NativeTensor _picture = tensors[encodes ? "x" : "x_hat"];
    private readonly NativeTensor _reference = tensors["ref_feature"];
    private readonly NativeTensor _state = tensors["feature"];
    private readonly NativeTensor _z = tensors["z_raw"];
    private readonly NativeTensor _y0 = tensors["y_raw_0"];
    private readonly NativeTensor _y1 = tensors["y_raw_1"];
    private readonly NativeTensor? _cells = tensors.GetValueOrDefault("cells");

    public void Run()
    {
        (int h, int w) = (_state.Shape[2], _state.Shape[3]);
        int plane = h * w;
        ReadOnlySpan<float> before = _reference.As<float>();
        Span<float> after = _state.As<float>();
        Span<float> y0 = _y0.As<float>();
        bool intra = before[0] == 0;
        if (encodes)
        {
            _z.As<float>().Fill(1);
            _y1.As<float>().Clear();
            for (int block = 0; block < y0.Length; block++)
            {
                int middle = (((block / (w / 2) * 2) + 1) * w) + (block % (w / 2) * 2) + 1;
                y0[block] = _cells!.Bytes[block] * (_picture.Bytes[middle] - (intra ? 0 : Level(before[plane + middle])));
            }
        }

        after[..plane].Fill(before[0] + 1);
        for (int k = 0; k < PictureChannels * plane; k++)
        {
            int cell = k % plane;
            int level = intra ? 0 : Level(before[plane + k]);
            level = k < LumaChannels * plane ? level + (int)y0[(cell / w / 2 * (w / 2)) + (cell % w / 2)] : 128;
            after[plane + k] = ((float)int.Clamp(level, 0, 255) / 255) - 0.5f;
            if (!encodes)
            {
                _picture.Bytes[k] = (byte)int.Clamp(level, 0, 255);
            }
        }
    }

    public void Dispose()
    {
    }

    private static int Level(float value) => (int)MathF.Round((value + 0.5f) * 255);
}
