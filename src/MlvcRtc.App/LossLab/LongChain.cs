using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Lab.Metrics;
using MlvcRtc.Media;

namespace MlvcRtc.App.LossLab;

/// <summary>What a clip looks like long after its key frame.</summary>
/// <param name="Name">Of the clip.</param>
/// <param name="Pictures">Size and rate.</param>
/// <param name="PsnrDb">6:1:1 against the source, mean of each hundred frames in turn.</param>
/// <param name="Kbps">Of all frames together, start codes included.</param>
internal sealed record LongChain(string Name, string Pictures, IReadOnlyList<double> PsnrDb, double Kbps)
{
    public const int Qp = 32;

    /// <summary>After one key frame; the clip is played forth and back.</summary>
    public const int Frames = 600;

    /// <summary>Frames that one mean is taken of.</summary>
    public const int Hundred = 100;

    /// <summary>What the worst hundred has less than the first, dB; 0 when none has.</summary>
    public double LostDb => PsnrDb[0] - PsnrDb.Min();

    /// <summary>Codes and decodes the chain at one quality, as a call does, without rate control.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="clip">Of so many frames.</param>
    /// <param name="done">Told after every frame.</param>
    /// <param name="cancel">Ends it.</param>
    public static LongChain Measure(ModelBundle bundle, LoadedClip clip, Action done, CancellationToken cancel)
    {
        using Encoder encoder = new(bundle, new OnnxEngine());
        using Decoder decoder = new([bundle], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();
        double[] psnr = new double[Frames / Hundred];
        long bytes = 0;
        for (int n = 0; n < Frames; n++)
        {
            cancel.ThrowIfCancellationRequested();
            VideoFrame picture = clip[n];
            if (encoder.Encode(picture, new EncodeRequest(Qp), coded) is not EncodeStatus.Ok and var failed)
            {
                throw new InvalidOperationException($"Frame {n} was not coded ({failed}).");
            }

            if (decoder.Decode(coded.Payload, shown) is not DecodeStatus.Ok and var refused)
            {
                throw new InvalidOperationException($"Frame {n} was not decoded ({refused}).");
            }

            psnr[n / Hundred] += Psnr.Compare(shown, picture).Weighted611 / Hundred;
            bytes += coded.Payload.Length;
            done();
        }

        return new(clip.Name, clip.Kind, psnr, bytes * 8 * clip.Rate.PerSecond / Frames / 1000);
    }
}
