using MlvcRtc.App.CommandLine;
using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Media;

namespace MlvcRtc.App.Bench;

/// <summary>Pictures in memory and their coded form, made before anything is measured: neither files nor pipes are in the figures.</summary>
/// <param name="Pictures">In display order.</param>
/// <param name="Stream">Access units of the pictures played forward and backward once; the first is a key frame, so that it can be repeated.</param>
internal sealed record BenchMaterial(IReadOnlyList<VideoFrame> Pictures, IReadOnlyList<byte[]> Stream)
{
    /// <summary>Pictures kept: 2 s of a 30 fps clip, 21 MB at 640x360.</summary>
    private const int Length = 60;

    /// <exception cref="UserError">The input cannot be read.</exception>
    public static BenchMaterial Prepare(Surroundings surroundings, ModelBundle bundle, BenchSettings settings, CancellationToken cancel)
    {
        List<VideoFrame> pictures = [];
        string input = settings.Input ?? surroundings.DemoClip;
        using (IPictureSource source = PictureSources.Open(surroundings, input, settings.Size, rate: null))
        {
            VideoFrame picture = new();
            while (pictures.Count < Length && source.Read(picture, cancel))
            {
                pictures.Add(picture);
                picture = new();
            }
        }

        return pictures.Count == 0
            ? throw new UserError(ExitCode.BadInput, $"{input} holds no picture.")
            : new(pictures, settings.Decodes ? Code(bundle, pictures, settings.Qp, cancel) : []);
    }

    /// <summary>Picture <paramref name="index"/> of the clip played forward and backward for ever: motion without a cut.</summary>
    public VideoFrame PictureAt(long index)
    {
        int period = Math.Max((2 * Pictures.Count) - 2, 1);
        int phase = (int)(index % period);
        return Pictures[phase < Pictures.Count ? phase : period - phase];
    }

    private static List<byte[]> Code(ModelBundle bundle, List<VideoFrame> pictures, int qp, CancellationToken cancel)
    {
        BenchMaterial forwardAndBack = new(pictures, []);
        using Encoder encoder = new(bundle, new OnnxEngine());
        EncodedFrame coded = new();
        List<byte[]> stream = [];
        for (int i = 0; i < Math.Max((2 * pictures.Count) - 2, 1); i++)
        {
            cancel.ThrowIfCancellationRequested();
            EncodeStatus status = encoder.Encode(forwardAndBack.PictureAt(i), new EncodeRequest(qp), coded);
            if (status != EncodeStatus.Ok)
            {
                throw new UserError(ExitCode.Failed, $"The encoder refused a picture of {pictures[0].Width}x{pictures[0].Height} ({status}).");
            }

            stream.Add(coded.Payload.ToArray());
        }

        return stream;
    }
}
