using MlvcRtc.App.Devices;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using MlvcRtc.IntegrationTests.App;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>300 frames of the demo clip (a person talking, 360x288, looped), coded once with the xs model as a call codes them.</summary>
public sealed class CodedClip : IDisposable
{
    public const int FrameCount = 300;
    public const int Qp = 32;

    public CodedClip()
    {
        string clip = Path.Combine(AppContext.BaseDirectory, "media", "franck.mp4");
        using FfmpegSource source = FfmpegSource.OpenFile(ScratchFolder.Ffmpeg, clip, null, null, loop: true);
        using Encoder encoder = new(Bundles.Xs, new OnnxEngine());
        using Decoder decoder = new([Bundles.Xs], new OnnxEngine());
        VideoFrame picture = new();
        EncodedFrame coded = new();
        for (int frame = 0; frame < FrameCount; frame++)
        {
            source.Read(picture, CancellationToken.None);
            VideoFrame original = new();
            original.CopyFrom(picture);
            Originals.Add(original);

            // A long-term reference every 16 frames, in turn, and a recovery from the previous one every 64: what a call over a lossy link does.
            EncodeRequest request = new(Qp, MarkSlot: frame % 16 == 8 ? frame / 16 % 8 : null, RecoverFromSlot: frame % 64 == 63 ? (frame - 8) / 16 % 8 : null);
            Require(encoder.Encode(picture, request, coded) == EncodeStatus.Ok, $"frame {frame} was not encoded");
            AccessUnits.Add(coded.Payload.ToArray());

            VideoFrame shown = new();
            Require(decoder.Decode(coded.Payload, shown) == DecodeStatus.Ok, $"frame {frame}: {decoder.LastError}");
            Shown.Add(shown);
            EqualStates += encoder.LastState.SequenceEqual(decoder.LastState) ? 1 : 0;
            EqualStatesButZeroSign += StateComparison.AreEqual(encoder.LastState, decoder.LastState, ElementType.Float32) ? 1 : 0;
            StateBytes = decoder.StateBytes;
        }
    }

    public Bundles Bundles { get; } = new();

    public List<VideoFrame> Originals { get; } = [];

    public List<byte[]> AccessUnits { get; } = [];

    /// <summary>What the viewer of the same machine sees.</summary>
    public List<VideoFrame> Shown { get; } = [];

    /// <summary>Frames after which encoder and decoder held the same bytes.</summary>
    public int EqualStates { get; }

    /// <summary>The same, +0 and -0 taken as equal.</summary>
    public int EqualStatesButZeroSign { get; }

    public int StateBytes { get; }

    public void Dispose() => Bundles.Dispose();

    /// <summary>Luma PSNR in dB; 99 for equal pictures.</summary>
    public static double Psnr(VideoFrame left, VideoFrame right)
    {
        ReadOnlySpan<byte> a = left.Y;
        ReadOnlySpan<byte> b = right.Y;
        long squares = 0;
        for (int k = 0; k < a.Length; k++)
        {
            int difference = a[k] - b[k];
            squares += difference * difference;
        }

        return squares == 0 ? 99 : 10 * Math.Log10(255.0 * 255 * a.Length / squares);
    }

    private static void Require(bool met, string otherwise)
    {
        if (!met)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
