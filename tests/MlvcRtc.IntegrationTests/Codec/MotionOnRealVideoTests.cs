using System.Globalization;
using MlvcRtc.Codec;
using MlvcRtc.Codec.Bundles;
using MlvcRtc.Codec.Inference;
using MlvcRtc.Codec.Motion;
using MlvcRtc.Codec.Onnx;
using MlvcRtc.Codec.Verification;
using MlvcRtc.Media;

namespace MlvcRtc.IntegrationTests.Codec;

/// <summary>The trained model on real video with its previous picture moved and left where it is, whichever it was trained for: its graphs do not know.</summary>
public sealed class MotionOnRealVideoTests(CodedClip clip, ITestOutputHelper output) : IClassFixture<CodedClip>
{
    private const int Frames = 60;

    [Fact]
    public void Both_sides_hold_the_same_state_and_fewer_bits_show_the_same_picture()
    {
        ModelBundle moving = With(clip.Bundles.Xs, MotionCompensationKind.Overlapped16, tag: 1);
        ModelBundle still = With(clip.Bundles.Xs, MotionCompensationKind.None, tag: 2);
        using Encoder encoder = new(moving, new OnnxEngine());
        using Encoder plain = new(still, new OnnxEngine());
        using Decoder decoder = new([moving], new OnnxEngine());
        using Decoder plainDecoder = new([still], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();
        (long bytes, long bytesWithout, double psnr, double psnrWithout) = (0, 0, 0, 0);
        for (int frame = 0; frame < Frames; frame++)
        {
            // As the clip was coded: a long-term reference every 16 frames; here a recovery from it, 11 frames back, too.
            EncodeRequest request = new(CodedClip.Qp, MarkSlot: frame % 16 == 8 ? frame / 16 % 8 : null, RecoverFromSlot: frame == 51 ? 2 : null);
            Assert.Equal(EncodeStatus.Ok, encoder.Encode(clip.Originals[frame], request, coded));
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(coded.Payload, shown));

            Assert.True(StateComparison.AreEqual(encoder.LastState, decoder.LastState, ElementType.Float32));
            bytes += coded.Payload.Length;
            psnr += CodedClip.Psnr(clip.Originals[frame], shown) / Frames;

            Assert.Equal(EncodeStatus.Ok, plain.Encode(clip.Originals[frame], request, coded));
            Assert.Equal(DecodeStatus.Ok, plainDecoder.Decode(coded.Payload, shown));
            bytesWithout += coded.Payload.Length;
            psnrWithout += CodedClip.Psnr(clip.Originals[frame], shown) / Frames;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes at {psnr:F2} dB with motion, {bytesWithout} bytes at {psnrWithout:F2} dB without"));
        Assert.InRange(bytes, 1, bytesWithout);
        Assert.InRange(psnr, psnrWithout - 0.1, 60);
    }

    [Fact]
    public void Coding_with_motion_allocates_nothing_per_frame()
    {
        ModelBundle moving = With(clip.Bundles.Xs, MotionCompensationKind.Overlapped16, tag: 1);
        using Encoder encoder = new(moving, new OnnxEngine());
        using Decoder decoder = new([moving], new OnnxEngine());
        EncodedFrame coded = new();
        VideoFrame shown = new();
        long allocated = 0;
        for (int frame = 0; frame < 24; frame++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            encoder.Encode(clip.Originals[frame], new EncodeRequest(CodedClip.Qp), coded);
            decoder.Decode(coded.Payload, shown);

            // The first frames make the buffers, the bindings of the slots in turn, and the methods' machine code.
            allocated += frame < 12 ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    private static ModelBundle With(ModelBundle bundle, MotionCompensationKind motion, uint tag) => ModelBundle.Of(
        new ModelVersion(0, 254),
        bundle.Name,
        bundle.ModelTag + tag,
        [.. bundle.Models.Select(model => model with { Metadata = model.Metadata with { MotionCompensation = motion } })]);
}
