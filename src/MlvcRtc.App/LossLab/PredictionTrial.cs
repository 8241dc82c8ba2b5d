using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.App.LossLab;

/// <summary>What coding a row of pictures at one quality costs under a rule of who is predicted from whom.</summary>
/// <param name="Bytes">Of each frame.</param>
/// <param name="MeanPsnrDb">6:1:1 over Y, U, V against the source; 0 when nothing was decoded.</param>
internal sealed record PredictionTrial(IReadOnlyList<int> Bytes, double MeanPsnrDb)
{
    /// <param name="bundle">The model.</param>
    /// <param name="pictures">In order of capture.</param>
    /// <param name="rule">Index of a picture: how it is coded. The first is a key frame in any case.</param>
    /// <param name="decodes">False = only sizes are asked for.</param>
    /// <param name="done">Told after every frame.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="InvalidOperationException">The rule names a slot that holds nothing.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static PredictionTrial Run(
        ModelBundle bundle, IReadOnlyList<VideoFrame> pictures, Func<int, EncodeRequest> rule, bool decodes, Action done, CancellationToken cancel)
    {
        using Encoder encoder = new(bundle, new OnnxEngine());
        using Decoder decoder = new([bundle], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame decoded = new();
        int[] bytes = new int[pictures.Count];
        double psnr = 0;
        for (int n = 0; n < pictures.Count; n++)
        {
            cancel.ThrowIfCancellationRequested();
            EncodeStatus status = encoder.Encode(pictures[n], rule(n), coded);
            if (status != EncodeStatus.Ok || (decodes && decoder.Decode(coded.Payload, decoded) != DecodeStatus.Ok))
            {
                throw new InvalidOperationException($"Frame {n} was not coded as asked ({status}).");
            }

            bytes[n] = coded.Payload.Length;
            psnr += decodes ? Psnr.Compare(decoded, pictures[n]).Weighted611 / pictures.Count : 0;
            done();
        }

        return new(bytes, psnr);
    }
}
